/** The way of a student through a lab, in a workspace of its own. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { projectRoot } from '../../cli/project.ts'
import { ending, peerlab, start, type Ended } from './support/peerlab.ts'

let workspace = ''
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'peerlab student '))
  cpSync(join(projectRoot, 'labs'), join(workspace, 'labs'), { recursive: true })
  for (const [lab, file] of [
    ['00-hello', 'hello.ts'],
    ['03-gossip', 'gossip.ts'],
  ] as const) {
    cpSync(join(workspace, 'labs', lab, '.starter', file), join(workspace, 'labs', lab, file))
  }
})
afterEach(() => rmSync(workspace, { recursive: true, force: true }))

const lab = (...args: readonly string[]): Promise<Ended> =>
  peerlab(['lab', ...args], { env: { PEERLAB_WORKSPACE: workspace } })
const gossipFile = (): string => join(workspace, 'labs', '03-gossip', 'gossip.ts')
const solve = (): void => cpSync(join(projectRoot, 'solutions', '03-gossip', 'gossip.ts'), gossipFile())

describe('lab', () => {
  test('next says what to read, what to edit and how to check', async () => {
    const { stdout } = await lab('next')
    expect(stdout).toContain('00-hello')
    for (const part of ['README.md', 'hello.ts', 'npx peerlab lab watch 00-hello']) expect(stdout).toContain(part)
  })

  test('watch --once shows one failing task with what to do, and remembers what passed', async () => {
    const failing = await lab('watch', 'gossip', '--once')
    expect(failing.code).toBe(1)
    expect(failing.stdout.match(/✗/g)).toHaveLength(1)
    for (const part of ['property', 'expected', 'happened', 'seed', 'replay', 'npx peerlab lab hint 03-gossip']) {
      expect(failing.stdout).toContain(part)
    }
    solve()
    expect((await lab('watch', 'gossip', '--once')).code).toBe(0)
    expect((await lab('list')).stdout).toContain('10 of 10 tasks, 100 of 100 points')
  })

  test('--plain says in words what others see as signs', async () => {
    const { stdout } = await lab('watch', 'gossip', '--once', '--plain')
    expect(stdout).not.toMatch(/[✓✗·]/)
    expect(stdout).toMatch(/^failed: A node delivers/m)
  })

  test('hints come one by one, and stop at the last', async () => {
    const count = async (): Promise<number> => (await lab('hint', '00-hello')).stdout.match(/hint \d of 2:/g)!.length
    expect([await count(), await count(), await count()]).toEqual([1, 2, 2])
  })

  test('reset brings the starter back and keeps a copy, never over an older one', async () => {
    writeFileSync(gossipFile(), '// my first try')
    await lab('reset', '03-gossip')
    writeFileSync(gossipFile(), '// my second try')
    await lab('reset', '03-gossip')
    const starter = join(workspace, 'labs', '03-gossip', '.starter', 'gossip.ts')
    expect(readFileSync(gossipFile(), 'utf8')).toBe(readFileSync(starter, 'utf8'))
    const backup = (number: number): string =>
      readFileSync(join(workspace, '.peerlab', 'backups', `03-gossip-${number}`, 'gossip.ts'), 'utf8')
    expect([backup(1), backup(2)]).toEqual(['// my first try', '// my second try'])
  })

  test('a broken progress file is set aside, and nothing else breaks', async () => {
    await lab('hint', '00-hello')
    const file = join(workspace, '.peerlab', 'progress.json')
    writeFileSync(file, '{ half')
    expect((await lab('list')).code).toBe(0)
    expect(readFileSync(`${file}.broken`, 'utf8')).toBe('{ half')
    expect(existsSync(file)).toBe(false)
  })

  test('a lab whose manifest is broken is named, with the way to get it back', async () => {
    const manifest = join(workspace, 'labs', '00-hello', 'manifest.json')
    writeFileSync(manifest, '{ half')
    const { code, stderr } = await lab('next')
    expect(code).toBe(3)
    expect(stderr).toContain(`Error: ${manifest} cannot be read: `)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('Bring it back with: git checkout labs/00-hello/manifest.json')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('watch ends with a sentence where progress cannot be kept', async () => {
    writeFileSync(join(workspace, '.peerlab'), 'a file where a folder has to be')
    const { code, stderr } = await lab('watch', '00-hello')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^Error: .*\.peerlab.*\n.+\n$/)
  })

  test(
    'watch survives a syntax error, a file that is gone, and a loop, and says each',
    { timeout: 60_000 },
    async () => {
      const solved = readFileSync(join(projectRoot, 'solutions', '03-gossip', 'gossip.ts'), 'utf8')
      const steps: readonly (readonly [expected: RegExp, next: () => void])[] = [
        [/did\s+not\s+report\s+it/, () => writeFileSync(gossipFile(), `${solved}\nconst = 1`)],
        [/gossip\.ts:\d+:\d+:[^\n]*\n[^\n]*const = 1/, () => rmSync(gossipFile())],
        [/there is no file gossip\.ts/, () => writeFileSync(gossipFile(), `for (;;);\n${solved}`)],
        [/did not come back within 4 s/, () => writeFileSync(gossipFile(), solved)],
        [/All tasks pass/, () => undefined],
      ]
      const child = start(['lab', 'watch', 'gossip'], { env: { PEERLAB_WORKSPACE: workspace } })
      const ended = ending(child)
      let seen = ''
      let step = 0
      await new Promise<void>((resolve) => {
        child.stdout!.on('data', (chunk: string) => {
          seen += chunk
          if (!steps[step]![0].test(seen)) return
          seen = ''
          steps[step++]![1]()
          if (step === steps.length) resolve()
        })
        void ended.then(() => resolve())
      })
      child.kill('SIGINT')
      await ended
      expect(step).toBe(steps.length)
    },
  )

  test('watch checks again when the file is saved', async () => {
    const child = start(['lab', 'watch', 'gossip'], { env: { PEERLAB_WORKSPACE: workspace } })
    const ended = ending(child)
    let seen = ''
    await new Promise<void>((resolve) => {
      child.stdout!.on('data', (chunk: string) => {
        seen += chunk
        // The first check has failed: now the file is saved, solved.
        if (
          /To do now/.test(seen) &&
          !/All tasks pass/.test(seen) &&
          !readFileSync(gossipFile(), 'utf8').includes('#accept')
        )
          solve()
        if (/All tasks pass/.test(seen)) resolve()
      })
    })
    child.kill('SIGINT')
    await ended
    expect(seen).toContain('To do now')
  })
})
