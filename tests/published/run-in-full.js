// The published results with as many seeds as their sources ask for. Takes long; see run.js in tests/labs for why a
// script. What was measured is kept for published:table; files that are not asked for keep what they had.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const rows = fileURLToPath(new URL('dist/rows.jsonl', import.meta.url))
mkdirSync(fileURLToPath(new URL('dist', import.meta.url)), { recursive: true })
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'published', '--testTimeout', '36000000', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, PEERLAB_PUBLISHED: 'full', PEERLAB_PUBLISHED_ROWS: rows } },
)
process.exitCode = status ?? 1
