import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ending, launcher, peerlab, start } from '../support/peerlab.ts'

const live = ['live', 'gossip']
const root = resolve(import.meta.dirname, '..', '..', '..')
const workspaces: string[] = []

afterAll(() => workspaces.forEach((folder) => rmSync(folder, { recursive: true })))

/** A workspace in which the gossip lab is this file. */
function workspaceWith(file: string): string {
  const workspace = mkdtempSync(join(tmpdir(), 'peerlab-live-'))
  workspaces.push(workspace)
  cpSync(join(root, 'labs'), join(workspace, 'labs'), { recursive: true })
  cpSync(join(root, file), join(workspace, 'labs', '03-gossip', 'gossip.ts'))
  return workspace
}

const anyDrawing = /[\u2500-\u257f·✓✗]/

/** What is typed, and what must be in the answer. How the rest is refused is in read-live.test.ts. */
const misuses: readonly (readonly [args: readonly string[], says: readonly string[]])[] = [
  [
    [...live, '--node', '5'],
    ['--node', 'Did you mean --nodes?', 'npx peerlab live --help'],
  ],
  [
    [...live, '--nodes', '5000'],
    ['--nodes cannot be "5000"', 'from 2 to 200'],
  ],
  [
    [...live, '--nodes', '5', '--set', 'degree=9'],
    ['cannot run like this', 'degree'],
  ],
  [
    [...live, '--nodes', '200', '--set', 'topology=complete'],
    ['19,900 connections', 'at most 2,000', '--set topology=ring'],
  ],
  [
    [...live, '--set', 'style=pull', '--set', 'period=1', '--set', 'loss=1'],
    ['more than 100,000 events', 'a longer period'],
  ],
  [[...live, '--lab', '03-gosip'], ['There is no lab "03-gosip"']],
  [
    [...live, '--lab', '03-gossip', '--set', 'style=push'],
    ['cannot run like this', 'style=gossip'],
  ],
]

describe.concurrent('peerlab live, misused', () => {
  it.each(misuses)('%j exits with 2 and says what is wrong and what to do', async (args, says) => {
    const { code, stdout, stderr } = await peerlab(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .+\n.+\n$/)
    for (const part of says) expect(stderr).toContain(part)
  })

  it.skipIf(process.platform === 'win32')('says how to allow more files where the system allows too few', async () => {
    const command = `ulimit -n 256 && exec "${process.execPath}" "${launcher}" live gossip --nodes 60`
    const { code, stderr } = await ending(spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] }))
    expect(code).toBe(3)
    expect(stderr).toMatch(/needs about 640 open files, and this system allows 256\./)
    expect(stderr).toContain('ulimit -n 1024')
  })
})

describe.concurrent('peerlab live', () => {
  it('shows the measured beside the simulated run, both curves, and the checks', async () => {
    const { code, stdout, stderr } = await peerlab([...live, '--nodes', '7', '--seed', '3', '--set', 'style=flood'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Gossip on real connections, seed 3, with style=flood, degree=6\n/)
    expect(stdout).toContain('7 js-libp2p nodes on 127.0.0.1, 21 connections (TCP, Noise, Yamux)')
    expect(stdout).toMatch(/While the rumor spread, a message took [\d.]+ ms on average, [\d.]+ ms to [\d.]+ ms\./)
    expect(stdout).toMatch(/^ +measured +simulated$/m)
    expect(stdout).toMatch(/^ +informed +100 % +100 %$/m)
    expect(stdout).toMatch(/^ +messages +36 +36$/m)
    expect(stdout).toMatch(/── measured {3}·· simulated/)
    expect(stdout).toMatch(/^ {2}✓ every node that is up gets every rumor$/m)
    expect(stdout).toMatch(/^ {2}✓ all ports are free afterwards$/m)
    expect(stdout).toMatch(/Ended after .+ nothing is left to do\. All 7 nodes are stopped\./)
    expect(stdout).toMatch(/npx peerlab run "peerlab:gossip\?seed=3&.*style=flood/)
    expect(stdout).not.toContain('formula')
  })

  it('uses words only with --plain', async () => {
    const { code, stdout } = await peerlab([...live, '--nodes', '4', '--seed', '3', '--plain'])
    expect(code).toBe(0)
    expect(stdout).not.toMatch(anyDrawing)
    expect(stdout).toMatch(/^informed: measured [\d.]+ %, simulated [\d.]+ %$/m)
    expect(stdout).toMatch(/^At [\d.]+ ms: measured [\d.]+ %; simulated [\d.]+ %\.$/m)
    expect(stdout).toMatch(/^passed: all ports are free afterwards$/m)
  })

  it('has exactly the documented keys with --json', async () => {
    const { code, stdout, stderr } = await peerlab([...live, '--nodes', '4', '--seed', '3', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const result = JSON.parse(stdout) as { readonly [key: string]: object }
    const { stdout: help } = await peerlab(['live', '--help'])
    const documented = /The JSON is \{([^}]+)\}/.exec(help)![1]!.split(/,\s+/)
    expect(Object.keys(result)).toEqual(documented)
    expect(result).toMatchObject({ scenario: 'gossip', seed: 3, nodes: 4, connections: 4, reason: 'idle', refused: 0 })
    expect(Object.keys(result['latency']!)).toEqual(['mean', 'least', 'most', 'held'])
    expect(Object.keys(result['measured']!)).toEqual(Object.keys(result['simulated']!))
    expect(result['checks']).toContainEqual({ title: 'all ports are free afterwards', passed: true })
  })

  it("runs the student's own file, and exits with 1 where a check fails", async () => {
    const args = [...live, '--nodes', '4', '--seed', '3', '--set', 'period=20', '--lab', '03-gossip']
    const solved = await peerlab(args, { env: { PEERLAB_WORKSPACE: workspaceWith('solutions/03-gossip/gossip.ts') } })
    expect(solved).toMatchObject({ code: 0, stderr: '' })
    expect(solved.stdout).toContain('with period=20, degree=2, your file of lab 03-gossip')
    // The starter reports nothing and tells nobody.
    const starter = workspaceWith('labs/03-gossip/.starter/gossip.ts')
    const unsolved = await peerlab(args, { env: { PEERLAB_WORKSPACE: starter } })
    expect(unsolved).toMatchObject({ code: 1, stderr: '' })
    expect(unsolved.stdout).toMatch(
      /✗ a node reports each rumor .+ for the first time\n {4}expected .+\n {4}happened .+ did not report it/,
    )
  })

  it.skipIf(process.platform === 'win32')('stops in the middle at Ctrl+C, and leaves nothing behind', async () => {
    const child = start([...live, '--nodes', '4', '--seed', '3', '--set', 'style=pull', '--set', 'period=60000'])
    const end = ending(child)
    await once(child.stdout!, 'data')
    child.kill('SIGINT')
    const { code, stdout, stderr } = await end
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'Stopped. All nodes are closed.\n' })
    expect(stdout).toMatch(/^Gossip on real connections.+\n4 js-libp2p nodes.+\n$/)
  })
})
