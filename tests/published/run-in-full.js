// The published results with as many seeds as their sources ask for. Takes long; see run.js in tests/labs for why a script.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'published', '--testTimeout', '36000000', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, PEERLAB_PUBLISHED: 'full' } },
)
process.exitCode = status ?? 1
