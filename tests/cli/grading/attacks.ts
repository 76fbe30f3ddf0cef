import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labsFolder, solutionsFolder } from '../../../cli/labs/manifest.ts'
import { projectRoot } from '../../../cli/project.ts'

/** A submission that wants points which its honest part has not earned. That part is the starter: none. */
export interface Attack {
  readonly name: string
  /** The lab's file. */
  readonly source: string
  /** Files beside it; a value that begins with `→ ` is a link to that path. */
  readonly beside?: Readonly<Record<string, string>>
  /** What the report must say of the task `deliver`; default: anything but `passed`. */
  readonly ends?: { readonly status: string; readonly message: RegExp }
  /** How long an answer may take, in ms; default: {@link shortTimeout}. */
  readonly timeout?: number
}

/** Enough for an answer, and short for what never answers. In ms. */
export const shortTimeout = 1500

const starter = readFileSync(join(labsFolder, '03-gossip', '.starter', 'gossip.ts'), 'utf8')
const solutionPath = join(solutionsFolder, '03-gossip', 'gossip.ts')
const enginePath = join(projectRoot, 'engine', 'protocols', 'gossip.ts')
const contractPath = join(projectRoot, 'tests', 'contracts', 'gossip.ts')

/** The starter with code at the top of the file. */
const atImport = (code: string): string => `${code}\n${starter}`

/** The starter with code in the handler of messages. */
const inHandler = (code: string): string => {
  const head = 'onMessage(from: Address, message: GossipMessage): void {'
  if (!starter.includes(head)) throw new Error(`the starter of 03-gossip has no ${head} any more`)
  return starter.replace(head, () => `${head}\n${code}`)
}

const notAllowed = { status: 'crashed', message: /a lab may import only/ }
const noSuchName = (name: string) => ({ status: 'crashed', message: new RegExp(`${name} is not defined`) })
const loops = { status: 'timed-out', message: /does not end/ }

const forgedReply = '{"ok":true,"effects":[{"do":"report","event":"delivered","detail":{"id":"x1","payload":{}}}]}'

export const attacks: readonly Attack[] = [
  // Handing in somebody else's work.
  { name: 're-exports the reference', source: "export { Gossip } from '@peerlab/engine'", ends: notAllowed },
  { name: 're-exports the reference by its path', source: `export { Gossip } from '${enginePath}'`, ends: notAllowed },
  { name: 'imports the solution by its path', source: `export * from '${solutionPath}'`, ends: notAllowed },
  {
    name: 'imports the solution through a link',
    source: "export * from './mine.ts'",
    beside: { 'mine.ts': `→ ${solutionPath}` },
    ends: notAllowed,
  },
  {
    name: 'has its files in a linked folder',
    source: "export * from './lib/gossip.ts'",
    beside: { lib: `→ ${join(solutionsFolder, '03-gossip')}` },
    ends: notAllowed,
  },
  {
    name: 'has the bundler find the solution by a tsconfig.json',
    source: "export * from '#mine'",
    beside: { 'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '#mine': [solutionPath] } } }) },
    ends: notAllowed,
  },
  {
    name: 'has the bundler find the solution by a package.json',
    source: "export * from './mine.ts'",
    beside: { 'package.json': JSON.stringify({ browser: { './mine.ts': solutionPath } }), 'mine.ts': 'export {}' },
    ends: { status: 'missing', message: /must export a class named Gossip/ },
  },
  {
    name: 'reads the hidden tests as text',
    source: atImport(`import text from '${contractPath}' with { type: 'text' }\nconsole.log(text)`),
    ends: notAllowed,
  },
  {
    name: 'reads files',
    source: atImport("import { readFileSync } from 'node:fs'\nconsole.log(readFileSync('/etc/passwd'))"),
    ends: notAllowed,
  },
  {
    name: 'reads files by an import that only shows when it runs',
    source: inHandler("void import(['node', 'fs'].join(':')).then((fs) => fs.readFileSync('/etc/passwd'))"),
  },

  // Ending things.
  { name: 'exits at import', source: atImport('process.exit(0)'), ends: noSuchName('process') },
  { name: 'exits in a handler', source: inHandler('process.exit(0)'), ends: noSuchName('process') },
  { name: 'calls reallyExit', source: atImport('process.reallyExit(0)'), ends: noSuchName('process') },
  { name: 'kills its parent', source: inHandler('process.kill(process.ppid, 9)'), ends: noSuchName('process') },
  {
    name: 'gets at process by a constructor',
    source: inHandler("(this.constructor.constructor as FunctionConstructor)('return process')().exit(0)"),
    ends: { status: 'crashed', message: /EvalError/ },
  },
  {
    name: 'starts a process that rewrites the report',
    source: atImport("import { spawn } from 'node:child_process'\nspawn('sh', [], { detached: true })"),
    ends: notAllowed,
  },
  {
    name: 'requires the module of processes',
    source: atImport("require('child_process')"),
    ends: notAllowed,
  },

  // Fooling whoever looks.
  {
    name: 'patches what tests compare with',
    source: atImport(
      'Object.is = () => true\nMap.prototype.has = () => true\nArray.prototype.some = () => true\n' +
        'Array.prototype.find = () => undefined\nObject.prototype.toString = () => "passed"',
    ),
  },
  {
    name: 'patches expect and chai',
    source: atImport('const g = globalThis as any\ng.expect = g.chai = () => new Proxy({}, { get: () => () => true })'),
  },
  { name: 'patches JSON', source: atImport(`JSON.stringify = () => '${forgedReply}'`) },
  { name: 'patches JSON with nonsense', source: atImport('JSON.stringify = () => 7 as any') },
  {
    name: 'patches the prototypes that the host is made of',
    source: atImport('Array.prototype.push = function () { return 0 }\nObject.freeze(Array.prototype)'),
  },
  {
    name: 'patches the layers of the engine',
    source: atImport(
      "import { Pacemaker, sha256 } from '@peerlab/engine/lab'\n" +
        'for (const name of Object.getOwnPropertyNames(Pacemaker.prototype)) (Pacemaker.prototype as any)[name] = () => true\n' +
        'Object.assign(sha256, { create: () => true })',
    ),
  },
  {
    name: 'has a toJSON everywhere',
    source: atImport(`(Object.prototype as any).toJSON = () => ({ ok: true, effects: [], status: 'passed' })`),
  },
  {
    name: 'forges results through hooks of a test runner',
    source: atImport(
      'const g = globalThis as any\ng.afterAll?.(() => {})\ng.__vitest_worker__ = { onTaskUpdate: () => {} }\n' +
        "g.process?.send?.({ kind: 'verdict', verdict: { task: 'deliver', status: 'passed' } })",
    ),
  },
  { name: 'skips everything', source: atImport('describe.skip("all", () => {})'), ends: noSuchName('describe') },
  {
    name: 'has a hundred empty tests',
    source: atImport('for (let i = 0; i < 100; i++) test(String(i), () => {})'),
    ends: noSuchName('test'),
  },
  { name: 'prints forged replies', source: inHandler(`console.log('${forgedReply}\\n${forgedReply}')`) },
  { name: 'returns a forged reply', source: inHandler(`return ${forgedReply} as never`) },
  {
    name: 'claims deliveries',
    source: starter.replace(
      'onTimer(name: string): void {',
      `onStart() {
        for (let id = 0; id < 20; id++) this.#host.report('delivered', { id: 'x' + id, payload: { nonce: 'guessed' } })
      }
      onTimer(name: string): void {`,
    ),
    ends: { status: 'failed', message: /which no packet had brought to it/ },
  },

  // Never coming back.
  { name: 'loops at import', source: atImport('for (;;);'), ends: loops },
  { name: 'loops in a handler', source: inHandler('for (;;);'), ends: loops },
  { name: 'loops in a regular expression', source: inHandler("/^(a+)+$/.test('a'.repeat(60) + '!')"), ends: loops },
  {
    name: 'loops in promises',
    source: inHandler('const again = (): Promise<void> => Promise.resolve().then(again)\nvoid again()'),
  },
  {
    name: 'waits for ever at the top of the file',
    source: atImport('await new Promise(() => {})'),
    ends: { status: 'crashed', message: /Top-level await/ },
  },
  {
    name: 'waits for shared memory',
    source: inHandler('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'),
    ends: { status: 'crashed', message: /is not there in a node/ },
  },
  {
    name: 'sets timers that set timers',
    source: inHandler("this.#host.setTimer('a', 0)").replace(
      'onTimer(name: string): void {',
      "onTimer(name: string): void {\nthis.#host.setTimer('a', 0)",
    ),
    ends: { status: 'failed', message: /./ },
  },
  {
    name: 'recurses without end',
    source: inHandler('const down = (): number => 1 + down()\ndown()'),
    ends: { status: 'crashed', message: /RangeError: Maximum call stack/ },
  },

  // Using things up.
  {
    name: 'fills the heap',
    source: inHandler('const all = []\nfor (;;) all.push(new Array(100_000).fill({}))'),
    ends: { status: 'crashed', message: /memory/ },
    timeout: 30_000,
  },
  {
    name: 'fills the memory outside of the heap',
    source: inHandler('const all = []\nfor (;;) all.push(new Uint8Array(50_000_000).fill(1))'),
    ends: { status: 'crashed', message: /allocation failed|memory/ },
    timeout: 30_000,
  },
  {
    name: 'makes strings without end',
    source: inHandler("let text = 'a'\nfor (;;) text += text"),
    ends: { status: 'crashed', message: /Invalid string length/ },
  },
  { name: 'prints without end', source: inHandler("for (let i = 0; i < 1e5; i++) console.log('a'.repeat(1000))") },
  {
    name: 'sends a million packets in one handler',
    source: inHandler('for (let i = 0; i < 1e6; i++) this.#host.send(from, message)'),
    ends: { status: 'crashed', message: /does its loop end\?/ },
  },
  {
    name: 'answers with hundreds of megabytes',
    source: inHandler(
      "const text = 'a'.repeat(1_000_000)\n" +
        "for (let i = 0; i < 30; i++) this.#host.send(from, { type: 'rumor', text } as never)",
    ),
    ends: { status: 'crashed', message: /more than \d+ bytes at once/ },
  },

  // Values that are not what they seem.
  {
    name: 'sends a message with getters',
    source: inHandler(
      "let reads = 0\nthis.#host.send(from, { type: 'rumor', get id() { return reads++ % 2 ? 'x1' : 'x2' } } as never)",
    ),
    ends: { status: 'crashed', message: /is a getter/ },
  },
  {
    name: 'sends a proxy',
    source: inHandler(
      "let reads = 0\nthis.#host.send(from, new Proxy({ type: 'rumor' }, { get: () => reads++ }) as never)",
    ),
  },
  {
    name: 'sends prototype keys',
    source: inHandler('this.#host.send(from, JSON.parse(\'{"type":"rumor","__proto__":{"isFirst":true}}\') as never)'),
    ends: { status: 'crashed', message: /__proto__/ },
  },
  {
    name: 'returns promises from handlers',
    source: starter.replace('onMessage(', 'async onMessage('),
    ends: { status: 'crashed', message: /remove async and await/ },
  },
  {
    name: 'throws things that bite',
    source: inHandler('throw new Proxy({}, { get: () => { throw 1 }, getPrototypeOf: () => { throw 2 } })'),
  },
  {
    name: 'throws an error whose message is a trap',
    source: inHandler("throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } })"),
    ends: loops,
  },

  // Files that are none.
  {
    name: 'has a syntax error',
    source: 'export class Gossip {',
    ends: { status: 'crashed', message: /gossip\.ts:1:/ },
  },
  { name: 'is empty', source: '', ends: { status: 'missing', message: /must export a class named Gossip/ } },
  { name: 'exports something that is no class', source: 'export const Gossip = 7' },
  {
    name: 'exports by a getter that bites',
    source: 'export let Gossip: any = new Proxy(class {}, { construct: () => { throw new Proxy({}, {}) } })',
  },
  { name: 'is a link to the solution', source: `→ ${solutionPath}`, ends: { status: 'crashed', message: /is a link/ } },
  { name: 'is a device that never ends', source: '→ /dev/zero', ends: { status: 'crashed', message: /is a link/ } },
]
