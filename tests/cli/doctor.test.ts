import { EventEmitter } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync, type watch } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDisk } from '../../cli/doctor/check-disk.ts'
import { checkEsbuild } from '../../cli/doctor/check-esbuild.ts'
import { checkNode } from '../../cli/doctor/check-node.ts'
import { checkPackages } from '../../cli/doctor/check-packages.ts'
import { checkPort } from '../../cli/doctor/check-port.ts'
import { checkWatching } from '../../cli/doctor/check-watching.ts'
import { cases, fc } from '../support/fast-check.ts'
import { peerlab } from './support/peerlab.ts'
import { close, listening, unusedPort } from './support/ports.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'peerlab-doctor-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string): string {
  const whole = join(root, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, text)
  return whole
}

describe('peerlab doctor', () => {
  it('--json has the documented keys, a fix where something is wrong, and an exit code that agrees', async () => {
    const { code, stdout, stderr } = await peerlab(['doctor', '--json'])
    const report = JSON.parse(stdout) as { check: string; ok: boolean; message: string; fix: string | null }[]
    expect(stderr).toBe('')
    expect(report.map(({ check }) => check)).toEqual([
      'node',
      'packages',
      'install-scripts',
      'browser',
      'port',
      'file-watching',
      'disk',
    ])
    for (const entry of report) {
      expect(Object.keys(entry)).toEqual(['check', 'ok', 'message', 'fix'])
      expect(entry.ok).toBe(entry.fix === null)
    }
    expect(code).toBe(report.every(({ ok }) => ok) ? 0 : 1)
  })

  it('says in one line what is wrong and how to fix it', async () => {
    const nowhere = join(root, 'no browser')
    const { code, stdout } = await peerlab(['doctor', '--plain'], { env: { PEERLAB_BROWSER: nowhere } })
    expect(code).toBe(1)
    expect(stdout).toContain(`wrong: PEERLAB_BROWSER is "${nowhere}", and nothing is there. Set it to`)
    expect(stdout.trimEnd().split('\n')).toHaveLength(7)
  })
})

describe('the doctor looks at', () => {
  const node = `node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`

  it('Node: not installed, or its install script blocked', async () => {
    expect((await checkNode(root)).fix).toBe('Run: npm ci')
    put('node_modules/node/package.json', '{}')
    expect((await checkNode(root)).fix).toBe('Run: npm rebuild node esbuild --ignore-scripts=false')
  })

  it.skipIf(process.platform === 'win32').each([
    ['26.0.0', undefined],
    ['20.20.2', 'Run: npm ci'],
  ])('Node %s', async (version, fix) => {
    chmodSync(put(node, `#!/bin/sh\necho v${version}\n`), 0o755)
    const finding = await checkNode(root)
    expect(finding.message).toContain(version)
    expect(finding.fix).toBe(fix)
  })

  it('esbuild without its program', async () => {
    const broken = () => Promise.reject(new Error('The package "@esbuild/linux-x64" could not be found\nand more'))
    const { message, fix } = await checkEsbuild(broken)
    expect(message).toMatch(/could not be found$/)
    expect(fix).toContain('npm rebuild')
  })

  it('packages: exactly those that are missing or of another version, but for optional ones', () => {
    const installed = fc.constantFrom('same', 'other', 'missing', 'deleted')
    const packages = fc.array(fc.record({ installed, optional: fc.boolean(), nested: fc.boolean() }), { maxLength: 6 })
    fc.assert(
      fc.property(packages, (list) => {
        const path = (i: number) => `${list[i]!.nested ? 'slides/' : ''}node_modules/@some/package-${i}`
        const lock = (have: (entry: (typeof list)[number]) => string | undefined) =>
          JSON.stringify({
            packages: Object.fromEntries([
              ['', { version: '0.1.0' }],
              ...list.flatMap((entry, i) => {
                const version = have(entry)
                return version === undefined ? [] : [[path(i), { version, optional: entry.optional }] as const]
              }),
            ]),
          })
        put(
          'package-lock.json',
          lock(() => '1.0.0'),
        )
        put(
          'node_modules/.package-lock.json',
          lock(({ installed }) => ({ same: '1.0.0', other: '2.0.0', missing: undefined, deleted: '1.0.0' })[installed]),
        )
        rmSync(join(root, 'slides'), { recursive: true, force: true })
        rmSync(join(root, 'node_modules', '@some'), { recursive: true, force: true })
        for (const [i, { installed }] of list.entries()) {
          if (installed === 'same' || installed === 'other') put(join(path(i), 'package.json'), '{}')
        }
        const first = list.findIndex(
          ({ installed, optional }) => installed !== 'same' && (installed !== 'missing' || !optional),
        )
        const { message, fix } = checkPackages(root)
        expect(fix).toBe(first < 0 ? undefined : 'Run: npm ci')
        if (first >= 0) expect(message).toContain(`@some/package-${first} `)
      }),
      cases(100),
    )
  })

  it('packages that npm did not install', () => {
    put('package-lock.json', '{"packages":{}}')
    expect(checkPackages(root).fix).toBe('Run: npm ci')
  })

  it('the port', async () => {
    const port = await unusedPort()
    expect(await checkPort(port)).toMatchObject({ message: `Port ${port} is free for the slides.` })
    const other = await listening(port)
    other.on('connection', (socket) => socket.destroy())
    const { message, fix } = await checkPort(port)
    await close(other)
    expect(message).toContain('in use by another program')
    expect(fix).toMatch(/npx peerlab start --port \d+$/)
  })

  it('file watching, and leaves nothing behind', async () => {
    expect(await checkWatching(root)).toMatchObject({ message: 'A saved file is noticed at once.' })
    expect(readdirSync(join(root, '.peerlab'))).toEqual([])
  })

  it('file watching that reports nothing, or is used up', async () => {
    const deaf = (() => Object.assign(new EventEmitter(), { close: () => {} })) as unknown as typeof watch
    expect((await checkWatching(root, deaf, 1)).fix).toContain('Move Peerlab')
    const refusing = (message: string) =>
      (() => {
        throw new Error(message)
      }) as unknown as typeof watch
    for (const used of [
      `ENOSPC: System limit for number of file watchers reached, watch '${root}'`,
      `EMFILE: too many open files, watch '${root}'`,
    ]) {
      expect((await checkWatching(root, refusing(used))).fix).toContain('max_user_watches')
    }
    // A full disk has the same code, and nothing to do with watching.
    const { message } = await checkWatching(root, refusing('ENOSPC: no space left on device, write'))
    expect(message).toContain('The disk is full')
  })

  it('the disk: from 500 MB on all is well', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2000), fc.constantFrom(1000, 4000, 8000), async (megabytes, bsize) => {
        const measure = (() =>
          Promise.resolve({ bsize, bavail: (megabytes * 1e6) / bsize })) as unknown as typeof statfs
        expect((await checkDisk(root, measure)).fix === undefined).toBe(megabytes >= 500)
      }),
      cases(100),
    )
  })
})
