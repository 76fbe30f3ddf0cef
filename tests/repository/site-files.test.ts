/** The files that `npm run build` makes, as whoever puts them on a server gives them away. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import slides from '../../slides/package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '..', '..')
let folder = ''
let files: readonly string[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-site-'))
  const modules = createRequire(join(root, 'slides', 'package.json'))
  const slidev = join(dirname(modules.resolve('@slidev/cli/package.json')), 'bin', 'slidev.mjs')
  const [, ...args] = slides.scripts.build.split(' ')
  execFileSync(process.execPath, [slidev, ...args, '--out', folder], {
    cwd: join(root, 'slides'),
    // Vitest says `test`, and Vue then writes down where each component was.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'ignore',
  })
  files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The files that hold a text, in UTF-8. */
function having(text: string): readonly string[] {
  return files.filter((name) => readFileSync(join(folder, name)).includes(text))
}

test('hold the course', () => {
  expect(files).toContain('index.html')
  expect(having('How does one message reach ten thousand strangers?')).not.toEqual([])
})

test('name no folder of the machine that made them', () => {
  for (const path of [root, encodeURI(root), root.replaceAll('\\', '/'), `${homedir()}${sep}`]) {
    expect(having(path), path).toEqual([])
  }
})

test('have no source maps', () => {
  expect(files.filter((name) => name.endsWith('.map'))).toEqual([])
  expect(having('sourceMappingURL=')).toEqual([])
})

test('are few enough for the network of a conference: under 6 MB, before any compression', () => {
  const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  expect(bytes).toBeGreaterThan(1e6)
  expect(bytes).toBeLessThan(6e6)
})
