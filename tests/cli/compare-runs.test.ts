import { Run, type Host, type Message, type Protocol, type SubstituteProtocol } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { compareRuns, type Comparison } from '../../cli/run/compare-runs.ts'

interface Talk extends Message {
  readonly type: 'talk'
  readonly word: number
}

/** Every node tells its first neighbor a number, and that one the next, until it has gone four hops. */
function talker(numberAt: (host: Host<Talk>) => number): SubstituteProtocol {
  return ((host: Host<Talk>): Protocol<Talk> => ({
    onStart: () => host.send(host.neighbors[0]!, { type: 'talk', word: 0 }),
    onMessage: (_from, { word }) => {
      host.report('heard', { word })
      if (host.now < 200) host.send(host.neighbors[0]!, { type: 'talk', word: numberAt(host) })
    },
  })) as unknown as SubstituteProtocol
}

function compare(substitute: SubstituteProtocol, until?: number): Comparison {
  const spec = { scenario: 'gossip', seed: 7, parameters: { style: 'gossip', rumors: 0, size: 20 } }
  const make = (observe: NonNullable<ConstructorParameters<typeof Run>[1]>['observe']): Run =>
    new Run(spec, { substitute, foldPayloads: true, ...(observe === undefined ? {} : { observe }) })
  return compareRuns(make, make, { until })
}

describe('comparing two runs', () => {
  it('finds no difference where everything comes from the host', () => {
    const lawful = compare(talker((host) => host.random.integer(1000) + host.now))
    expect(lawful).toEqual({ difference: null, ambientCalls: [] })
  })

  it('names the event, the time, the node and both sides of the first difference', () => {
    const { difference } = compare(talker(() => Math.random()))
    expect(difference).toMatchObject({ kind: 'send' })
    expect(difference!.event).toBeGreaterThan(20)
    expect(difference!.time).toBeGreaterThan(0)
    expect(difference!.node).toBeGreaterThanOrEqual(0)
    expect(difference!.first).toMatch(/^sends to node \d+ \{"type":"talk","word":0\.\d+/)
    expect(difference!.second).toMatch(/^sends to node \d+ \{"type":"talk","word":0\.\d+/)
    expect(difference!.first).not.toBe(difference!.second)
  })

  it('says which run does nothing more in an event where the other still does something', () => {
    let calls = 0
    const { difference } = compare(
      talker((host) => {
        if (++calls === 30) host.report('once')
        return 1
      }),
    )
    expect(difference).toMatchObject({ kind: 'report', first: 'reports once' })
    expect(difference!.second).toMatch(/^sends to node/)
  })

  it('blames unseeded randomness, a clock, or else state outside of the protocol', () => {
    const blame = (number: () => number): string => compare(talker(number)).difference!.likelyCause
    let shared = 0
    expect(blame(() => Math.random())).toContain('Math.random')
    expect(blame(() => crypto.getRandomValues(new Uint32Array(1))[0]!)).toContain('host.random')
    expect(blame(() => performance.now())).toContain('host.now')
    expect(blame(() => shared++)).toContain('outside of its instance')
  })

  it('tells of a clock that was read without effect', () => {
    const { difference, ambientCalls } = compare(talker(() => Date.now() * 0 + new Date().getTime() * 0))
    expect(difference).toBeNull()
    expect(ambientCalls.map(({ name }) => name)).toEqual(['Date.now', 'Date'])
  })

  it('finds that only one of the two runs breaks', () => {
    let calls = 0
    const { difference } = compare(
      talker(() => {
        if (++calls === 50) throw new Error('out of luck')
        return 1
      }),
    )
    expect([difference!.first, difference!.second].some((text) => text.includes('out of luck'))).toBe(true)
  })

  it('finds a difference that does not show in the text of a message', () => {
    let calls = 0
    const { difference } = compare(talker(() => (calls++ === 0 ? -0 : 0)))
    expect(difference).toMatchObject({ kind: 'fingerprint' })
  })

  it('looks no further than the bound', () => {
    expect(
      compare(
        talker(() => Math.random()),
        10,
      ).difference,
    ).toBeNull()
  })

  it('leaves clock and randomness as they were', () => {
    const before = [Math.random, Date, performance.now, crypto.getRandomValues]
    compare(talker(() => Math.random()))
    expect([Math.random, Date, performance.now, crypto.getRandomValues]).toEqual(before)
  })
})
