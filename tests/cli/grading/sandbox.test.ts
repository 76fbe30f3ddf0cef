/** What the code under judgement can reach, and what it cannot, from its realm and even from its process. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalSubject, Run, substituteWith, type NodeSetup, type RunSpec, type Subject } from '@peerlab/engine'
import { cases, fc } from '../../support/fast-check.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { askOver } from '../../../cli/grading/sandbox/connection.ts'
import { LineChannel } from '../../../cli/grading/sandbox/line-channel.ts'
import { fromText, toText } from '../../../cli/grading/sandbox/plain-text.ts'
import { RemoteSubject } from '../../../cli/grading/sandbox/remote-subject.ts'
import { Sandbox } from '../../../cli/grading/sandbox/sandbox.ts'
import { sandboxFiles } from '../../../cli/grading/sandbox/sandbox-files.ts'
import { Grader } from '../../../cli/grading/grader.ts'
import { bundleScript } from '../../../cli/labs/bundle.ts'
import { findManifest, solutionsFolder } from '../../../cli/labs/manifest.ts'
import * as gossipSolution from '../../../solutions/03-gossip/gossip.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

let printed = ''

async function isolated(folder: string, file: string): Promise<Subject> {
  const { code, map } = await bundleScript(folder, file)
  const sandbox = new Sandbox(await sandboxFiles(), code)
  undo.push(() => sandbox.dispose())
  printed = ''
  return new RemoteSubject({ ask: askOver(sandbox.connection), sourceMap: map, onPrint: (text) => (printed += text) })
}

async function isolatedSource(source: string): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'peerlab lab '))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'lab.ts'), source)
  return isolated(folder, 'lab.ts')
}

const setup = (node: number): NodeSetup => ({
  class: 'Probe',
  node,
  address: node,
  neighbors: [],
  stream: [1, 2, 3, node],
  storage: [],
  options: {},
})

describe('a node in the sandbox', () => {
  const spec: RunSpec = {
    scenario: 'gossip',
    seed: 5,
    parameters: { style: 'gossip', loss: 0.2, rumors: 3, size: 90, degree: 6 },
    actions: [
      { time: 40, input: { action: 'crash', with: { node: 3 } } },
      { time: 900, input: { action: 'restart', with: { node: 3 } } },
    ],
  }
  const fingerprint = (subject: Subject): string => {
    const run = new Run(spec, { substitute: substituteWith(subject, { class: 'Gossip' }) })
    run.finish()
    return run.session.simulation.fingerprint
  }

  test('runs as it does outside: one file has one fingerprint, direct and isolated', async () => {
    const direct = fingerprint(new LocalSubject({ ...gossipSolution }))
    expect(fingerprint(await isolated(join(solutionsFolder, '03-gossip'), 'gossip.ts'))).toBe(direct)
  })

  test('shares no memory with another node, nor with itself after a crash', async () => {
    const subject = await isolatedSource(`
      let count = 0
      const g = globalThis as any
      export class Probe {
        constructor(readonly host: any) {}
        onStart() {
          const before = [count++, g.mine, (Array.prototype as any).mine, (Object as any).mine, (Error as any).mine]
          g.mine = (Array.prototype as any).mine = (Object as any).mine = (Error as any).mine = 1
          this.host.report('saw', before.map((value: unknown) => value ?? 0))
        }
      }`)
    const saw = (node: number): unknown => {
      subject.remove(node)
      expect(subject.create(setup(node))).toMatchObject({ ok: true })
      return subject.deliver(node, { kind: 'start', now: 0 })
    }
    const untouched = { ok: true, effects: [{ do: 'report', event: 'saw', detail: [0, 0, 0, 0, 0] }] }
    expect(saw(0)).toEqual(untouched)
    expect(saw(1)).toEqual(untouched)
    expect(saw(0)).toEqual(untouched)
  })

  test('finds no way out of its realm', async () => {
    const subject = await isolatedSource(`
      const tries: Record<string, () => unknown> = {
        process: () => (globalThis as any).process,
        require: () => (globalThis as any).require,
        constructor: () => (globalThis as any).constructor.constructor('return process')(),
        functionOf: () => (probe as any).constructor('return process')(),
        asyncFunction: () => Object.getPrototypeOf(async () => {}).constructor('return process')(),
        generator: () => Object.getPrototypeOf(function* () {}).constructor('return process')().next().value,
        eval: () => (0, eval)('process'),
        caller: () => (function f(this: unknown) { return (f as any).caller?.constructor('return process')() })(),
        callSites: () => {
          let found: unknown
          ;(Error as any).prepareStackTrace = (_: unknown, sites: any[]) => {
            found = sites.map((site) => [site.getThis?.(), site.getFunction?.()]).flat().find((each) =>
              each != null && !(each instanceof Object) && typeof each !== 'string')
            return ''
          }
          void new Error().stack
          return found
        },
        overflow: () => {
          const outside: unknown[] = []
          const down = (): void => { try { down() } catch (error) { if (!(error instanceof RangeError)) outside.push(error) ; throw error } }
          try { down() } catch {}
          return outside[0]
        },
        stringTrap: () => {
          const before = String.prototype.indexOf
          let found: unknown
          String.prototype.indexOf = function (this: any) { found = this instanceof Object ? this : undefined; return before.apply(this, arguments as any) }
          return found && !(found instanceof Object) ? found : undefined
        },
        console: () => { const c = (globalThis as any).console.log.constructor; return c === Function ? undefined : c },
        shadowRealm: () => (globalThis as any).ShadowRealm,
        wasm: () => (globalThis as any).WebAssembly,
        date: () => (globalThis as any).Date,
        temporal: () => (globalThis as any).Temporal,
        random: () => Math.random(),
      }
      export function probe(): string[] {
        return Object.entries(tries).filter(([, attempt]) => { try { return attempt() !== undefined } catch { return false } }).map(([name]) => name)
      }`)
    expect(subject.call('probe', [])).toEqual({ ok: true, value: [] })
  })

  test('hears its mistakes in the lines of its own file', async () => {
    const subject = await isolatedSource(`
      export class Probe {
        onStart(): void {
          const rumor = undefined as unknown as { id: string }
          console.log('looking at', { id: 1 })
          rumor.id.trim()
        }
      }`)
    subject.create(setup(0))
    const reply = subject.deliver(0, { kind: 'start', now: 0 })
    expect(reply).toMatchObject({ ok: false, error: { name: 'TypeError' } })
    expect(JSON.stringify(reply)).toMatch(/lab\.ts:6:\d+/)
    expect(printed).toBe('looking at {"id":1}\n')
  })

  test.each([
    ['Date.now()', 'the time is host.now'],
    ['new Date()', 'the time is host.now'],
    ['Math.random()', 'chance is host.random'],
    ['setTimeout(() => {}, 1)', 'use host.setTimer'],
    ['fetch("x")', 'messages go by host.send'],
  ])('that calls %s is told what to use', async (code, advice) => {
    const subject = await isolatedSource(`export function probe() { ${code} }`)
    const reply = subject.call('probe', [])
    expect(reply).toMatchObject({ ok: false, error: { name: 'ReferenceError' } })
    expect(JSON.stringify(reply)).toContain(advice)
  })

  test('encodes text as it does outside', async () => {
    const subject = await isolatedSource(`
      export function probe(text: string) { const bytes = new TextEncoder().encode(text); return [bytes, new TextDecoder().decode(bytes)] }`)
    for (const text of ['', 'abc', 'Grüße', '日本', '🦉', 'a\u0000b']) {
      const bytes = new TextEncoder().encode(text)
      expect(subject.call('probe', [text])).toEqual({ ok: true, value: [new Uint8Array(bytes), text] })
    }
  })
})

test('even code that gets out of its realm reads, writes, starts and calls nothing', async () => {
  const script = `
    import { writeSync, readFileSync, writeFileSync, readdirSync } from 'node:fs'
    import { spawnSync } from 'node:child_process'
    import { Worker } from 'node:worker_threads'
    import net from 'node:net'
    const tries = {
      read: () => readFileSync('/etc/passwd'),
      list: () => readdirSync('/tmp'),
      write: () => writeFileSync(process.argv[2] + '/x', ''),
      spawn: () => { const { error } = spawnSync('true'); if (error) throw error },
      thread: () => new Worker('1', { eval: true }),
      addon: () => process.dlopen({ exports: {} }, '/x.node'),
      parent: () => process.kill(process.ppid, 'SIGTERM'),
      environment: () => { if (process.env.PEERLAB_TEST_SECRET === undefined) throw 1 },
    }
    const open = Object.entries(tries).filter(([, attempt]) => { try { attempt(); return true } catch { return false } }).map(([name]) => name)
    const socket = net.connect(9, '127.0.0.1')
    socket.on('error', ({ code }) => writeSync(4, JSON.stringify({ open, code }) + '\\n'))`
  process.env['PEERLAB_TEST_SECRET'] = 'x'
  undo.push(() => delete process.env['PEERLAB_TEST_SECRET'])
  const sandbox = new Sandbox({ process: script, realm: '' }, '')
  undo.push(() => sandbox.dispose())
  const said = JSON.parse(
    new LineChannel(sandbox.connection as { input: number; output: number }).read() ?? '{}',
  ) as object
  expect(said).toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  expect((said as { readonly open: string[] }).open.filter((name) => name !== 'parent')).toEqual([])
})

test('all plain data comes through as text as it went in', () => {
  const leaf = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.uint8Array(), fc.boolean())
  const key = fc.oneof(fc.string(), fc.constantFrom('~', '~~', '~x', 'x~', 'constructor'))
  const data = fc.letrec((tie) => ({
    any: fc.oneof(leaf, fc.constant(null), fc.array(tie('any')), fc.dictionary(key, tie('any'))),
  })).any
  fc.assert(
    fc.property(data, (value) => {
      const text = toText(value)
      expect(text).not.toContain('\n')
      expect(fromText(text)).toEqual(value)
    }),
    cases(300),
  )
})

describe('where a system has no named pipes', () => {
  test.each([
    ['a right answer passes', '', 'passed'],
    ['a loop is ended', 'for (;;);', 'timed-out'],
  ])('%s all the same', async (_what, code, status) => {
    const folder = mkdtempSync(join(tmpdir(), 'peerlab lab '))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const solution = readFileSync(join(solutionsFolder, '03-gossip', 'gossip.ts'), 'utf8')
    writeFileSync(join(folder, 'gossip.ts'), `${code}\n${solution}`)
    const grader = new Grader({ by: 'bridge' })
    undo.push(() => grader.close())
    const { tasks } = await grader.judge(findManifest('03-gossip'), { folder, tasks: ['deliver'], timeout: 3000 })
    expect(tasks[0]).toMatchObject({ id: 'deliver', status })
  })
})
