import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../cli/package.json' with { type: 'json' }
import { launcher, peerlab, start } from './support/peerlab.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peer lab '))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.concurrent('the launcher', () => {
  it('does not depend on the project that the current folder belongs to', async () => {
    writeFileSync(join(folder, 'tsconfig.json'), 'this is no JSON')
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }')
    const ended = await peerlab(['--version'], { cwd: folder })
    expect(ended).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  it('says "npm ci" and exits with 3 where the packages are not installed', async () => {
    const bin = join(folder, 'not installed', 'cli', 'bin')
    mkdirSync(bin, { recursive: true })
    cpSync(launcher, join(bin, 'peerlab.js'))
    writeFileSync(join(bin, 'package.json'), '{ "type": "module" }')
    const { code, stdout, stderr } = await peerlab(['--version'], { script: join(bin, 'peerlab.js') })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    expect(stderr).toContain('Run "npm ci" in')
  })

  const node = olderNode()
  it.skipIf(node === undefined)('says how to run the install scripts where they were blocked', async () => {
    const bin = join(folder, 'no scripts', 'cli', 'bin')
    mkdirSync(bin, { recursive: true })
    mkdirSync(join(folder, 'no scripts', 'node_modules', 'node'), { recursive: true })
    cpSync(launcher, join(bin, 'peerlab.js'))
    writeFileSync(join(bin, 'package.json'), '{ "type": "module" }')
    const { code, stderr } = await peerlab(['doctor'], { script: join(bin, 'peerlab.js'), node: node! })
    expect(code).toBe(3)
    expect(stderr).toContain('npm rebuild node esbuild --ignore-scripts=false')
  })

  it.skipIf(node === undefined)('hands over to the Node of the project when an older one starts it', async () => {
    const good = await peerlab(['run', 'hello', '--seed', '1', '--json'], { node: node! })
    expect({ code: good.code, stderr: good.stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(good.stdout)).toMatchObject({ scenario: 'hello', seed: 1 })
    expect((await peerlab(['rnu'], { node: node! })).code).toBe(2)
  })

  it('ends quietly when its reader has seen enough', async () => {
    const child = start(['scenarios', '--json'])
    child.stdout!.destroy()
    child.stderr!.setEncoding('utf8')
    let stderr = ''
    child.stderr!.on('data', (chunk: string) => (stderr += chunk))
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

/** A Node on this machine that is older than the one that Peerlab asks for. */
function olderNode(): string | undefined {
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(place, process.platform === 'win32' ? 'node.exe' : 'node')
    try {
      const major = Number.parseInt(execFileSync(node, ['--version'], { encoding: 'utf8', stdio: 'pipe' }).slice(1), 10)
      if (major >= 18 && major < 26) return node
    } catch {
      // There is none in this folder.
    }
  }
  return undefined
}
