/** RFC 8489 (binding), RFC 5780 (what kind of NAT it is). */
import {
  constantLatency,
  loss,
  NatDiscovery,
  StunServer,
  type Address,
  type BindingRequest,
  type Endpoint,
  type NatBehavior,
  type NatDiscoveryOptions,
  type NatSite,
  type Message,
  type Site,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { natRun } from '../support/nat-traversal.ts'
import { silent } from '../support/nodes.ts'

const behaviors: NatBehavior[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent']
const [first, second]: Endpoint[] = [
  { ip: '1.0.0.1', port: 3478 },
  { ip: '2.0.0.1', port: 3478 },
]
const client = 2
const home: Site = { ip: '192.168.0.2', nat: 0 }

interface DiscoveryRun {
  readonly nats?: readonly NatSite[]
  readonly site?: Site
  readonly seed?: number
  readonly options?: Partial<NatDiscoveryOptions>
  /** Which servers there are, and whether they know each other. */
  readonly servers?: 'partners' | 'one' | 'none' | 'second is down' | 'answers itself'
}

function discoveryRun({ nats = [], site = home, seed = 1, options, servers = 'partners' }: DiscoveryRun) {
  return natRun({
    sites: [first!, second!, site],
    nats,
    simulation: { seed, latency: constantLatency(20) },
    protocol: (internet) => (host, node, incarnation) => {
      const partners = [second!, first!].map(({ ip, port }) => ({
        main: internet.intern({ ip, port }),
        otherPort: internet.intern({ ip, port: 3479 }),
      }))
      if (node === client) {
        return new NatDiscovery(host as never, { server: internet.intern(first!), ...options }) as never
      }
      const isSilent = servers === 'none' || (servers === 'second is down' && node === 1)
      if (isSilent) return silent(host, node, incarnation)
      const server = new StunServer(host as never, servers === 'one' ? {} : { partner: partners[node]! })
      if (servers !== 'answers itself') return server
      return {
        onMessage: (from: Address, { type, transaction }: BindingRequest) => {
          server.onMessage(from, { type, transaction } as BindingRequest)
        },
      }
    },
  })
}

describe('discovery', () => {
  for (const mapping of behaviors) {
    for (const filtering of behaviors) {
      test(`recognizes ${mapping} mapping with ${filtering} filtering`, () => {
        const { simulation, reportsOf, at } = discoveryRun({ nats: [{ ip: '5.0.0.1', mapping, filtering }] })
        simulation.run()
        const mapped = at({ ip: '5.0.0.1', port: 4001 })
        expect(reportsOf(client, 'nat-discovered').map(({ detail }) => detail)).toEqual([
          { mapped, natted: true, mapping, filtering },
        ])
      })
    }
  }

  test('recognizes that there is no NAT', () => {
    const { simulation, reportsOf, at } = discoveryRun({ site: { ip: '9.0.0.1' } })
    simulation.run()
    const mapped = at({ ip: '9.0.0.1', port: 4001 })
    const [mapping, filtering] = ['endpoint-independent', 'endpoint-independent']
    expect(reportsOf(client, 'nat-discovered').map(({ detail }) => detail)).toEqual([
      { mapped, natted: false, mapping, filtering },
    ])
  })

  test('of a NAT behind a NAT finds the stricter one of each kind', () => {
    const outer: NatSite = { mapping: 'address-and-port-dependent', filtering: 'endpoint-independent' }
    const inner: NatSite = { mapping: 'endpoint-independent', filtering: 'address-dependent', nat: 0 }
    const { simulation, reportsOf } = discoveryRun({ nats: [outer, inner], site: { ...home, nat: 1 } })
    simulation.run()
    expect(reportsOf(client, 'nat-discovered')[0]!.detail).toMatchObject({
      mapping: 'address-and-port-dependent',
      filtering: 'address-dependent',
    })
  })

  test('comes to the same result each time, also after a restart behind the same mapping', () => {
    const { simulation, reportsOf } = discoveryRun({ nats: [{ filtering: 'address-and-port-dependent' }] })
    simulation.run()
    simulation.crash(client)
    simulation.restart(client)
    simulation.run()
    const [once, again, ...more] = reportsOf(client, 'nat-discovered')
    expect([again!.detail, more]).toEqual([once!.detail, []])
  })

  test('gets the same result where one packet in twenty is lost, by asking again', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.constantFrom(...behaviors),
        fc.constantFrom(...behaviors),
        (seed, mapping, filtering) => {
          const { simulation, reportsOf } = discoveryRun({ seed, nats: [{ mapping, filtering }] })
          simulation.addRule(loss(0.05))
          simulation.run()
          expect(reportsOf(client, 'nat-discovered')[0]?.detail).toMatchObject({ mapping, filtering })
        },
      ),
      cases(40),
    )
  })

  test('sends a question 7 times, at doubling intervals, and gives up 39.5 s after the first (RFC 8489)', () => {
    const { simulation, reports, sent } = discoveryRun({ nats: [{}], servers: 'none' })
    simulation.run()
    expect(sent.map(({ time }) => time)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500])
    expect(reports.map(({ time, event, detail }) => [time, event, detail])).toEqual([
      [39_500, 'nat-unknown', { reason: 'no answer' }],
    ])
  })

  test.each([
    ['one', 'server has no partner'],
    ['second is down', 'no answer of the other server'],
  ] as const)('says so where it cannot tell: servers %s', (servers, reason) => {
    const { simulation, reportsOf } = discoveryRun({ nats: [{}], servers })
    simulation.run()
    expect(reportsOf(client, 'nat-unknown', 'nat-discovered').map(({ detail }) => detail)).toEqual([{ reason }])
  })

  test('is not deceived by a server that answers itself where another was to answer', () => {
    const { simulation, reportsOf } = discoveryRun({
      nats: [{ filtering: 'address-dependent' }],
      servers: 'answers itself',
    })
    simulation.run()
    expect(reportsOf(client, 'nat-discovered')[0]!.detail).toMatchObject({ filtering: 'address-and-port-dependent' })
    expect(reportsOf(client, 'stray-reply').length).toBeGreaterThan(0)
  })

  test.each([
    [{ timeout: 0 }, 'timeout is 0'],
    [{ attempts: 0 }, 'attempts is 0'],
    [{ attempts: 17 }, 'attempts is 17'],
  ])('refuses %j', (options, message) => {
    expect(() => discoveryRun({ nats: [{}], options }).simulation.runUntil(0)).toThrow(message)
  })
})

describe('wrong messages', () => {
  /** What the node reports of a message that a stranger sends it at once. */
  function reported(node: number, message: Message): string[] {
    const { simulation, reportsOf } = discoveryRun({ nats: [{}], site: { ip: '9.0.0.1' } })
    simulation.runUntil(1)
    simulation.inject(node === client ? 1 : client, node, message)
    simulation.runUntil(30)
    return reportsOf(node, 'malformed', 'stray-reply').map(({ event }) => event)
  }

  test.each([
    { type: 'binding-request' },
    { type: 'binding-request', transaction: -1 },
    { type: 'binding-request', transaction: 1, answerFrom: 'moon' },
    { type: 'binding-handover', transaction: 1 },
    { type: 'hello' },
  ])('to a server are reported: %j', (message) => {
    expect(reported(0, message)).toEqual(['malformed'])
  })

  test('a handover of one that is not the partner is not answered: it could name a victim', () => {
    expect(reported(0, { type: 'binding-handover', transaction: 1, mapped: 0 } as Message)).toEqual(['malformed'])
  })

  test.each([
    { type: 'binding-response', transaction: 1 },
    { type: 'binding-response', transaction: 1, mapped: 'x' },
    { type: 'binding-response', transaction: 1, mapped: 1, other: null },
    { type: 'binding-response', transaction: 1, mapped: 1, other: { main: 1 } },
  ])('to a client are reported: %j', (message) => {
    expect(reported(client, message as Message)).toEqual(['malformed'])
  })

  test('an answer without the number of the question is not believed', () => {
    const forged = { type: 'binding-response', transaction: 1, mapped: 77 as Address }
    expect(reported(client, forged)).toEqual(['stray-reply'])
  })
})
