import path from 'node:path'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, it } from 'vitest'

const cwd = path.join(import.meta.dirname, '..', '..')
/** Without types, so that files need not exist. */
const eslint = new ESLint({ cwd, overrideConfig: [tseslint.configs.disableTypeChecked] })
const eslintWithTypes = new ESLint({ cwd })

async function complaints(file: string, code: string, linter = eslint): Promise<string[]> {
  const [result] = await linter.lintText(`${code}\n`, { filePath: path.join(cwd, file) })
  return result!.messages.map(({ message }) => message)
}

const virtualTime = [
  'engine/core/x.ts',
  'engine/protocols/x.ts',
  'labs/03-gossip/gossip.ts',
  'solutions/03-gossip/gossip.ts',
  'tests/course/wrong-answers/03-gossip/no-repair.ts',
]

describe('in virtual time', () => {
  it.each([
    ['Math.random()', 'host.random'],
    ["Math['random']()", 'host.random'],
    ['Date.now()', 'host.now'],
    ['new Date()', 'host.now'],
    ['performance.now()', 'host.now'],
    ['globalThis.Date.now()', 'Take the value as an option'],
    ['setTimeout(f, 1)', 'host.setTimer'],
    ['setInterval(f, 1)', 'host.setTimer'],
    ['setImmediate(f)', 'host.setTimer'],
    ['queueMicrotask(f)', 'host.setTimer'],
    ['crypto.randomUUID()', 'host.random'],
    ['crypto.subtle', 'sha256 from'],
    ["fetch('https://example.org')", 'host.send'],
    ["new WebSocket('wss://example.org')", 'host.send'],
    ["process.env['HOME']", 'Take the value as an option'],
    ["require('fs')", 'Use import'],
    ["import('./x.ts')", 'import statement'],
    ['async () => 1', 'onMessage or onTimer'],
    ['await f', 'onMessage or onTimer'],
    ['Promise.resolve(1)', 'onMessage or onTimer'],
    ['Math.log(2)', 'last bit'],
    ['Math.exp(2)', 'last bit'],
    ['Math.pow(2, 3)', 'last bit'],
    ['Math.sin(2)', 'last bit'],
    ['Math.log2(f)', 'last bit'],
    ['f ** 2', 'multiply in a loop'],
    ['2 ** f', 'multiply in a loop'],
    ['2 ** 0.5', 'multiply in a loop'],
    ["new Intl.NumberFormat('de')", 'toFixed'],
    ['(5).toLocaleString()', 'toFixed'],
    ["'a'.localeCompare('b')", 'a < b'],
    ["'I'.toLocaleLowerCase()", 'toLowerCase'],
    ['new WeakRef({})', 'at a bound'],
    ['new FinalizationRegistry(f)', 'at a bound'],
    ['localStorage', 'host.storage'],
    ["Buffer.from('a')", 'Uint8Array'],
  ])('%s is refused, and the message names %s', async (code, instead) => {
    for (const file of virtualTime) {
      const said = await complaints(file, `export const f = 1\nexport const x = ${code}`)
      expect(said, file).toEqual([expect.stringContaining(instead)])
    }
  })

  it.each([
    'export const x = [2 ** 32, 2n ** 64n, Math.floor(1.5), Math.sqrt(2), Math.imul(3, 4), Math.clz32(5)]',
    'export const now = (host: { now: number }) => host.now',
    'export function f(process: number, performance: number) { return process + performance }',
    'export function* count() { yield 1 }',
    'export type Later = Promise<Date>',
    'let x, y\nx = 1, y = 2\nexport const z = x + y',
  ])('%s is allowed', async (code) => {
    for (const file of virtualTime) expect(await complaints(file, code), file).toEqual([])
  })

  it.each([
    ['engine/core/x.ts', 'Math.exp(1)', 'exact-math.ts'],
    ['labs/03-gossip/x.ts', 'Math.log2(1)', 'Math.clz32'],
    ['engine/core/x.ts', 'crypto', '@noble/hashes'],
    ['labs/03-gossip/x.ts', 'crypto', '@peerlab/engine/lab'],
    ['engine/core/x.ts', 'Date', 'simulation.now'],
  ])('in %s, the message for %s names what the file can reach: %s', async (file, code, says) => {
    expect(await complaints(file, `export const x = ${code}`)).toEqual([expect.stringContaining(says)])
  })

  it('numbers are sorted with a comparator, and strings and typed arrays need none', async () => {
    const sorted = (value: string): string => `export const x = (values: ${value}) => values.slice().sort()`
    const said = (value: string) => complaints('engine/core/time.ts', sorted(value), eslintWithTypes)
    expect(await said('number[]')).toEqual([expect.stringContaining("'compare'")])
    expect(await said('string[]')).toEqual([])
    expect(await said('Int32Array')).toEqual([])
  })
})

describe('tests', () => {
  const engineTests = ['tests/engine/x.test.ts', 'tests/published/x.test.ts', 'tests/contracts/x.ts']

  it.each([
    ['Date.now()', 'no wall clock'],
    ['new Date()', 'no wall clock'],
    ['performance.now()', 'no wall clock'],
    ['setTimeout(f, 1)', 'no sleeps'],
    ['Math.random()', 'must fail again'],
  ])('of the engine may not use %s, and the message says: %s', async (code, says) => {
    const snippet = `export const f = 1\nexport const x = ${code}`
    for (const file of engineTests) {
      expect(await complaints(file, snippet), file).toEqual([expect.stringContaining(says)])
    }
    for (const file of ['tests/cli/x.test.ts', 'cli/x.ts']) expect(await complaints(file, snippet), file).toEqual([])
  })

  it('of the engine may wait for promises and write down a date', async () => {
    const code = 'export const x = await new Date(0)'
    for (const file of engineTests) expect(await complaints(file, code), file).toEqual([])
  })
})

const rooms = ['core', 'layers', 'protocols', 'measures', 'scenarios', 'subject']
const lowerRooms: Record<string, readonly string[]> = {
  core: ['core'],
  layers: ['core', 'layers'],
  protocols: ['core', 'layers', 'protocols'],
  measures: ['core', 'measures'],
  scenarios: ['core', 'layers', 'protocols', 'measures', 'scenarios'],
  subject: ['core', 'subject'],
}
const inEngine = rooms.flatMap((from) => rooms.map((to) => [from, to, lowerRooms[from]!.includes(to)] as const))

describe('imports', () => {
  it.each(inEngine)('from engine/%s to engine/%s: allowed is %s', async (from, to, allowed) => {
    const said = await complaints(`engine/${from}/x.ts`, `import '../${to}/y.ts'`)
    if (allowed) expect(said).toEqual([])
    else expect(said).toEqual([expect.stringMatching(/core ← layers ← protocols.*Move what both need to a lower room/)])
  })

  const somethingElse = [
    ['engine/core/x.ts', 'node:fs', 'runs in browsers too'],
    ['engine/scenarios/x.ts', 'fs', 'runs in browsers too'],
    ['engine/scenarios/x.ts', '@peerlab/engine', 'by its relative path'],
    ['engine/scenarios/x.ts', '../../slides/modules.ts', 'knows nothing of slides'],
    ['engine/scenarios/x.ts', '../../cli/main.ts', 'knows nothing of slides, commands'],
    ['engine/scenarios/x.ts', '../../tests/support/nodes.ts', 'labs and tests'],
    ['engine/protocols/x.ts', '../../labs/03-gossip/gossip.ts', 'labs and tests'],
    ['engine/protocols/x.ts', 'cborg', 'no more packages'],
    ['engine/protocols/x.ts', '../index.ts', 'a lower room'],
    ['engine/core/x.ts', '../corexx/y.ts', 'a lower room'],
    ['engine/lab.ts', './protocols/push.ts', 'a lower room'],
    ['engine/newroom/x.ts', './y.ts', 'add its room'],
    ['cli/run.ts', '../engine/core/simulation.ts', "from '@peerlab/engine'"],
    ['cli/run.ts', '@peerlab/engine/core/simulation.ts', 'exported in engine/index.ts'],
    ['slides/theme/figure/network.ts', '../../../engine/core/random.ts', "from '@peerlab/engine'"],
    ['tests/published/x.test.ts', '../../engine/core/random.ts', "from '@peerlab/engine'"],
    ['tests/support/x.ts', '../../engine/index.ts', "from '@peerlab/engine'"],
    ['tests/contracts/x.ts', '../../engine/core/random.ts', "from '@peerlab/engine'"],
    ['tests/engine/x.test.ts', '@peerlab/engine/core/random.ts', '../../engine/'],
    ['labs/03-gossip/gossip.ts', '@peerlab/engine', "from '@peerlab/engine/lab'"],
    ['labs/03-gossip/gossip.ts', '../../engine/lab.ts', 'Host, Protocol'],
    ['labs/03-gossip/gossip.ts', '../../engine/protocols/gossip.ts', 'the rest is yours to write'],
    ['labs/03-gossip/gossip.ts', '../../solutions/03-gossip/gossip.ts', 'its own folder'],
    ['labs/03-gossip/gossip.ts', '../00-hello/hello.ts', 'its own folder'],
    ['labs/03-gossip/gossip.ts', 'node:crypto', 'sha256'],
    ['labs/03-gossip/gossip.ts', 'cborg', 'its own folder'],
    ['solutions/03-gossip/gossip.ts', '../../labs/03-gossip/gossip.ts', 'its own folder'],
    ['tests/course/wrong-answers/03-gossip/a.ts', '../../../../solutions/03-gossip/gossip.ts', 'its own folder'],
    ['tests/contracts/gossip.ts', 'vitest', 'no test runner'],
    ['tests/contracts/gossip.ts', 'node:test', 'plain data'],
    ['tests/contracts/gossip.ts', 'node:fs', 'as an argument'],
  ] as const

  it.each(somethingElse)('in %s, %s is refused, and the message says: %s', async (file, from, says) => {
    expect(await complaints(file, `import '${from}'`)).toEqual([expect.stringContaining(says)])
  })

  it.each([
    ['engine/core/random.ts', '@noble/hashes/sha2.js'],
    ['engine/lab.ts', '@noble/hashes/sha2.js'],
    ['engine/lab.ts', './layers/pacemaker.ts'],
    ['engine/index.ts', './scenarios/run.ts'],
    ['cli/run.ts', '@peerlab/engine'],
    ['cli/grade.ts', '../tests/contracts/gossip.ts'],
    ['cli/grade.ts', 'node:fs'],
    ['slides/theme/figure/network.ts', '@peerlab/engine'],
    ['slides/theme/figure/network.ts', 'vue'],
    ['tests/published/x.test.ts', '@peerlab/engine'],
    ['tests/engine/x.test.ts', '../../engine/core/random.ts'],
    ['tests/engine/x.test.ts', '@peerlab/engine'],
    ['tests/contracts/gossip.ts', '@peerlab/engine'],
    ['tests/contracts/gossip.test.ts', 'vitest'],
    ['tests/contracts/gossip.test.ts', '../../solutions/03-gossip/gossip.ts'],
    ['labs/03-gossip/gossip.ts', '@peerlab/engine/lab'],
    ['labs/03-gossip/gossip.ts', './table.ts'],
    ['solutions/03-gossip/gossip.ts', './table.ts'],
    ['tests/course/wrong-answers/03-gossip/a.ts', './table.ts'],
  ])('in %s, %s is allowed', async (file, from) => {
    expect(await complaints(file, `import '${from}'`)).toEqual([])
  })

  it.each([
    "import { x } from 'FROM'\nexport const y = x",
    "import type { X } from 'FROM'\nexport type Y = X",
    "export { x } from 'FROM'",
    "export * from 'FROM'",
    "export type X = import('FROM').X",
    "export const x = await import('FROM')",
  ])('one way holds for every form: %s', async (form) => {
    const said = await complaints('cli/x.ts', form.replace('FROM', '../engine/core/x.ts'))
    expect(said).toEqual([expect.stringContaining("from '@peerlab/engine'")])
  })
})

describe('everywhere', () => {
  it('a default export is refused, but where a tool asks for one', async () => {
    const code = 'export default 1'
    for (const file of ['engine/core/x.ts', 'labs/03-gossip/x.ts', 'cli/x.ts', 'tests/cli/x.ts', 'tests/engine/x.ts']) {
      expect(await complaints(file, code), file).toEqual([expect.stringContaining('Export by name')])
    }
    for (const file of ['vitest.config.ts', 'slides/vite.config.ts', 'slides/theme/setup/x.ts', 'slides/vue.d.ts']) {
      expect(await complaints(file, code), file).toEqual([])
    }
  })

  it('a line that does nothing is refused', async () => {
    const code = 'export let x = 1\nx === 2\nx = 3'
    expect(await complaints('cli/x.ts', code)).toEqual([expect.stringContaining('This line does nothing')])
  })

  it('a file ends before line 401', async () => {
    const said = (lines: number) => complaints('cli/x.ts', `${'// a\n'.repeat(lines - 1)}export {}`)
    expect(await said(400)).toEqual([])
    expect(await said(401)).toEqual([expect.stringContaining('too many lines')])
  })

  it('lines end without a semicolon, and strings have single quotes', async () => {
    expect(await complaints('cli/x.ts', 'export const x = 1;')).toEqual([expect.stringContaining('semicolon')])
    expect(await complaints('cli/x.ts', 'export const x = "a"')).toEqual([expect.stringContaining('singlequote')])
  })

  it('a promise that nobody waits for is refused', async () => {
    const code = 'async function f() { await Promise.resolve() }\nf()'
    const said = await complaints('vitest.config.ts', code, eslintWithTypes)
    expect(said).toEqual([expect.stringContaining('Promises must be awaited')])
  })
})
