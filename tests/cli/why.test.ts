import { describe, expect, test } from 'vitest'
import { peerlab } from './support/peerlab.ts'

const lossy = ['run', 'gossip', '--seed', '3', '--set', 'fanout=2', '--set', 'loss=0.2']

describe.concurrent('run --why', () => {
  test('names a node that was left out, and then says why', async () => {
    const { stdout } = await peerlab(lossy)
    const [, node] = /Ask why with --why (\d+)/.exec(stdout) ?? []
    const why = await peerlab([...lossy, '--why', node!])
    expect(why.stdout).toContain(`Why? Node ${node} misses m0: `)
    expect(why.stdout).toMatch(/\n +[\d.]+ ms {2}node \d+ (told|sent) /)
  })

  test('shows the whole way of a rumor, one hop after the other', async () => {
    const { stdout } = await peerlab(['run', 'gossip', '--seed', '3', '--why', '4:m0'])
    const hops = [...stdout.matchAll(/node (\d+) got rumor m0 ttl \d+ from node (\d+)/g)]
    expect(hops.length).toBeGreaterThan(1)
    for (let i = 1; i < hops.length; i++) expect(hops[i]![2]).toBe(hops[i - 1]![1])
    expect(hops.at(-1)![1]).toBe('4')
  })

  test.each(['x', '400', '-1'])('refuses %j with what it takes', async (text) => {
    const { code, stderr } = await peerlab(['run', 'gossip', '--seed', '3', `--why=${text}`])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^Error: --why cannot be .+\n.+\n$/)
  })
})
