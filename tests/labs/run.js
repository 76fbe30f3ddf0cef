// Vitest on the lab files as they stand. A script, because setting a variable is another command on each system.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'labs', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PEERLAB_LABS: '1' },
})
process.exitCode = status ?? 1
