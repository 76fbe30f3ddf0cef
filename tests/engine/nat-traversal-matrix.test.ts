/** Which pairs of NATs a direct way leads through: RFC 5128, section 3.3; Ford, Srisuresh and Kegel 2005, section 3. */
import type { NatSite, Site } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { alice, bob, natKinds, punchRun, relay, type NatKind } from '../support/nat-traversal.ts'

const kinds = Object.keys(natKinds) as NatKind[]
const direct = ['alice direct', 'bob direct']
const relayed = ['alice relayed', 'bob relayed']

/** A symmetric NAT moves its host to a port that the peer has not sent to, so the peer's filter must not see ports. */
function isPunchable(one: NatKind, other: NatKind): boolean {
  const isOpenTo = (kind: NatKind): boolean => kind === 'full cone' || kind === 'restricted cone'
  if (one === 'symmetric') return isOpenTo(other)
  return other !== 'symmetric' || isOpenTo(one)
}

describe('hole punching between two NATs', () => {
  for (const one of kinds) {
    for (const other of kinds) {
      const isDirect = isPunchable(one, other)
      test(`${one} and ${other}: ${isDirect ? 'direct' : 'relayed'}`, () => {
        const { connect, outcomes } = punchRun({ nats: [natKinds[one], natKinds[other]] })
        expect(connect().sort()).toEqual(isDirect ? direct : relayed)
        if (isDirect) expect(outcomes().map(({ detail }) => detail['attempt'])).toEqual([1, 1])
        else expect(outcomes().map(({ detail }) => detail['attempts'])).toEqual([3, 3])
      })
    }
  }

  test('succeeds for the pairs of RFC 5128, and for no others', () => {
    const table = kinds.map((one) => kinds.map((other) => (isPunchable(one, other) ? 1 : 0)))
    expect(table).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [1, 1, 1, 0],
      [1, 1, 0, 0],
    ])
  })
})

describe('a peer without a NAT', () => {
  for (const kind of kinds) {
    test(`reaches one behind a ${kind} NAT, and is reached by it`, () => {
      for (const peers of [
        [{}, { nat: 0 }],
        [{ nat: 0 }, {}],
      ]) {
        expect(
          punchRun({ peers, nats: [natKinds[kind]] })
            .connect()
            .sort(),
        ).toEqual(direct)
      }
    })
  }

  test('reaches another', () => {
    expect(
      punchRun({ peers: [{}, {}], nats: [] })
        .connect()
        .sort(),
    ).toEqual(direct)
  })
})

describe('two peers behind one NAT', () => {
  const peers: Site[] = [
    { ip: '192.168.0.2', nat: 0 },
    { ip: '192.168.0.3', nat: 0 },
  ]
  for (const kind of kinds) {
    for (const hairpinning of [true, false]) {
      for (const tellsInside of [true, false]) {
        const isDirect = tellsInside || (hairpinning && isPunchable(kind, kind))
        const words = `${kind}, ${hairpinning ? 'with' : 'without'} hairpinning`
        const told = tellsInside ? 'told' : 'not told'
        test(`${words}, inside endpoints ${told}: ${isDirect ? 'direct' : 'relayed'}`, () => {
          const nats: NatSite[] = [{ ...natKinds[kind], hairpinning }]
          expect(punchRun({ peers, nats, options: { tellsInside } }).connect().sort()).toEqual(
            isDirect ? direct : relayed,
          )
        })
      }
    }
  }
})

describe('two peers behind NATs of their own, and those behind one of a carrier', () => {
  const peers: Site[] = [{ nat: 1 }, { nat: 2 }]
  for (const hairpinning of [true, false]) {
    test(`${hairpinning ? 'meet where it hairpins' : 'stay at the relay where it does not hairpin'}`, () => {
      const nats: NatSite[] = [
        { ...natKinds['port-restricted cone'], hairpinning },
        { ...natKinds['port-restricted cone'], nat: 0 },
        { ...natKinds['port-restricted cone'], nat: 0 },
      ]
      expect(punchRun({ peers, nats }).connect().sort()).toEqual(hairpinning ? direct : relayed)
    })
  }
})

describe('what peers send', () => {
  for (const [one, other] of [
    ['port-restricted cone', 'port-restricted cone'],
    ['symmetric', 'symmetric'],
    ['symmetric', 'restricted cone'],
  ] as const) {
    test(`goes to the relay and to each other only: ${one} and ${other}`, () => {
      const run = punchRun({ nats: [natKinds[one], natKinds[other]], others: [{}, { nat: 0 }, { nat: 1 }] })
      run.connect()
      run.tell(alice, { type: 'say', peer: 'bob', payload: 1 })
      run.simulation.runUntil(run.simulation.now + 1000)
      const ways = new Set(run.sent.map(({ from, to }) => [Math.min(from, to), Math.max(from, to)].join('-')))
      expect([...ways].sort()).toEqual(['0-1', '0-2', '0-3', '0-4', '0-5', '1-2'])
      expect(run.reportsOf(bob, 'heard').length).toBe(1)
    })
  }

  test('reaches a stranger at the same inside address as harmless probes, where inside endpoints are told', () => {
    const stranger: Site = { ip: '10.9.0.2', nat: 0 }
    const peers: Site[] = [
      { ip: '10.9.0.1', nat: 0 },
      { ip: '10.9.0.2', nat: 1 },
    ]
    const run = punchRun({ peers, others: [stranger], options: { tellsInside: true } })
    expect(run.connect().sort()).toEqual(direct)
    expect(run.sent.filter(({ from, to }) => from === alice && to === 3).length).toBeGreaterThan(0)
    expect(run.sent.filter(({ from, to }) => from === 3 && to !== relay)).toEqual([])
    expect(run.reportsOf(3, 'stray-probe').length).toBeGreaterThan(0)
    expect(run.reportsOf(3, 'direct', 'relayed', 'circuit')).toEqual([])
  })
})
