import type { Manifest } from '../../labs/manifest.ts'
import { graderFiles, textFile, type PackageFiles } from './package-files.ts'

/**
 * Gradescope's autograder: a zip that is unpacked in /autograder/source. `setup.sh` runs once, when the image is made,
 * `run_autograder` for each submission.
 */
export function gradescopeFiles(lab: Manifest, key: Uint8Array | undefined): PackageFiles {
  const files = graderFiles(lab, 'peerlab')
  files.set('setup.sh', textFile(setup, true))
  files.set('run_autograder', textFile(runAutograder(lab.id, key !== undefined), true))
  if (key !== undefined) files.set('key', { data: key, isExecutable: false })
  return files
}

const setup = `#!/usr/bin/env bash
# Runs once, as root, when Gradescope makes the image. AUTOGRADER_ROOT is there for trying it elsewhere.
set -euo pipefail
cd "\${AUTOGRADER_ROOT:-/autograder}/source/peerlab"

if ! command -v npm >/dev/null; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates nodejs npm
fi

# The system's Node may be too old to run other packages' scripts; only that of the package "node", which brings
# Peerlab's own Node, is needed.
npm ci --ignore-scripts --no-audit --no-fund
npm rebuild node --ignore-scripts=false
node_modules/node/bin/node --version

# Nobody else has to read the grader and its key.
chmod -R go-rwx "\${AUTOGRADER_ROOT:-/autograder}/source"
`

function runAutograder(lab: string, hasKey: boolean): string {
  const key = hasKey ? ' \\\n  --key "$AUTOGRADER_ROOT/source/key"' : ''
  return `#!/usr/bin/env bash
# Runs for each submission. AUTOGRADER_ROOT is there for trying it elsewhere.
set -euo pipefail
export AUTOGRADER_ROOT="\${AUTOGRADER_ROOT:-/autograder}"
peerlab="$AUTOGRADER_ROOT/source/peerlab"
exec "$peerlab/node_modules/node/bin/node" "$peerlab/cli/bin/peerlab.js" grade ${lab} \\
  --submission "$AUTOGRADER_ROOT/submission" --format gradescope${key}
`
}
