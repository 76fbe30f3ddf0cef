import { fromLink, Run, toLink, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

const seeds = [1, 2, 3]
const [alice, bob] = [1, 2]
const nats = ['none', 'EI-EI', 'EI-AD', 'EI-APD', 'AD-EI', 'AD-AD', 'AD-APD', 'APD-EI', 'APD-AD', 'APD-APD']

const act = (time: number, action: string, node: number): Recorded<ActionInput> => ({
  time,
  input: { action, with: { node } },
})

function finished(
  parameters: RunSpec['parameters'] = {},
  seed = 7,
  actions: readonly Recorded<ActionInput>[] = [],
  until = Infinity,
): Run {
  const run = new Run({ scenario: 'nat-traversal', seed, parameters, actions })
  run.finish(until === Infinity ? {} : { until })
  return run
}

const measure = (run: Run, name: string): number => run.world.measures()[name]!

interface Inspected {
  readonly found: { readonly mapping: string; readonly filtering: string } | null
  readonly outside: string
  readonly table: readonly {
    readonly outside: string
    readonly for: string
    readonly madeBy: { readonly type: string; readonly target: string } | null
  }[]
  readonly packets: readonly { readonly type: string; readonly fate: string; readonly to: number }[]
}

const inspected = (run: Run, node: number): Inspected => run.world.inspect(node) as unknown as Inspected

describe('two peers behind NATs', () => {
  test.each(nats)('with %s have a direct way exactly where RFC 5128 says so, whatever the other NAT is', (one) => {
    for (const other of nats) {
      const run = finished({ alice: one, bob: other, stun: false })
      expect([other, measure(run, 'direct')]).toEqual([other, measure(run, 'predicted')])
      expect(run.world.state(alice)).toBe(measure(run, 'direct') === 1 ? 'direct' : 'relayed')
    }
  })

  test('a symmetric NAT moves its host to a port that the relay has not seen', () => {
    for (const seed of seeds) {
      const lines = (kind: string) => {
        const run = finished({ alice: kind, stun: false, ports: 'random' }, seed, [], 8000)
        return new Set(inspected(run, alice).table.map(({ outside }) => outside)).size
      }
      expect(lines('EI-APD')).toBe(1)
      expect(lines('APD-APD')).toBeGreaterThan(1)
    }
  })

  test("who waits for the other one's packet waits in vain: it takes an own packet to open a NAT that filters", () => {
    for (const seed of seeds) {
      for (const kind of ['EI-AD', 'EI-APD']) {
        const probes = { alice: 'EI-APD', bob: kind, jitter: 0.5 }
        expect(measure(finished(probes, seed), 'direct')).toBe(1)
        const waits = finished({ ...probes, bobWaits: true }, seed)
        expect(measure(waits, 'direct')).toBe(0)
        expect(measure(waits, 'refused')).toBeGreaterThan(measure(finished(probes, seed), 'refused'))
      }
      // Where anybody is let in there is no door to open.
      expect(measure(finished({ bob: 'EI-EI', bobWaits: true }, seed), 'direct')).toBe(1)
    }
  })

  test('have their direct way when ten latencies have passed since the call, where nothing is lost', () => {
    for (const latency of [10, 40, 90]) {
      const { measured, formula } = finished({ latency }).world.curves(100)
      const at = ({ points }: typeof measured): number => points.find(([, share]) => share === 1)![0]
      expect(at(measured)).toBeCloseTo(at(formula!), 2)
    }
  })

  test('are found by their packets: each line of a table stands beside the packet that made it', () => {
    const { table } = inspected(finished({ alice: 'APD-APD', stun: false }, 7, [], 8000), alice)
    expect(table.length).toBeGreaterThan(1)
    for (const line of table) expect(line.madeBy).toMatchObject({ target: line.for })
  })

  test('lose their way when the mapping dies before the next packet and the next one has another port', () => {
    for (const seed of seeds) {
      const share = (mappingLifetime: number): number =>
        measure(finished({ mappingLifetime, ports: 'random', duration: 90_000, stun: false }, seed), 'direct')
      expect([share(5000), share(60_000)]).toEqual([0, 1])
    }
  })
})

describe('a STUN server', () => {
  test.each(nats.slice(1))('has a host behind %s find out what its NAT is', (kind) => {
    const names = { EI: 'endpoint-independent', AD: 'address-dependent', APD: 'address-and-port-dependent' }
    const [mapping, filtering] = kind.split('-') as [keyof typeof names, keyof typeof names]
    const { found } = inspected(finished({ alice: kind }), alice)
    expect(found).toMatchObject({ mapping: names[mapping], filtering: names[filtering] })
  })
})

describe('what people do', () => {
  test('a stranger is let in by a NAT that filters nobody, and by no other', () => {
    for (const seed of seeds) {
      const knocks = (kind: string) => measure(finished({ alice: kind }, seed, [act(10_000, 'knock', alice)]), 'knocks')
      expect(['EI-EI', 'EI-AD', 'EI-APD', 'none'].map(knocks)).toEqual([1, 0, 0, 1])
    }
  })

  test('without the relay nobody finds anybody; a way that is there does not need it', () => {
    for (const seed of seeds) {
      expect(measure(finished({}, seed, [act(500, 'crash', 0)]), 'direct')).toBe(0)
      const later = finished({ duration: 40_000 }, seed, [act(10_000, 'crash', 0), act(30_000, 'say', alice)])
      expect(measure(later, 'direct')).toBe(1)
    }
  })

  test('a crashed peer has no way, and gets a new one when it has restarted and is called', () => {
    const actions = [act(5000, 'crash', bob), act(6000, 'restart', bob)]
    expect(measure(finished({}, 7, actions.slice(0, 1)), 'direct')).toBe(0.5) // alice has not noticed yet
    expect(measure(finished({}, 7, [...actions, act(8000, 'connect', bob)]), 'direct')).toBe(1)
  })
})

test('the same seed gives the same run, also out of its link, and another seed another one', () => {
  const parameters = { jitter: 0.5, loss: 0.1, ports: 'random' }
  const run = finished(parameters, 7, [act(5000, 'knock', alice), act(6000, 'crash', bob)])
  const again = new Run(fromLink(toLink(run.spec)))
  again.finish()
  expect(again.session.simulation.fingerprint).toBe(run.session.simulation.fingerprint)
  expect(finished(parameters, 8).session.simulation.fingerprint).not.toBe(run.session.simulation.fingerprint)
})
