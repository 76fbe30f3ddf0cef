import {
  bitcoinCore,
  bitcoind093,
  deriveStream,
  endpointOf,
  formatEndpoint,
  groupedEndpoints,
  maxAddresses,
  randomEndpoint,
  trashEndpoint,
  withCountermeasures,
  type Addr,
  type AddressRecord,
  type Ipv4Endpoint,
  type Message,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { contents, day, hour, minute } from '../support/address-table.ts'
import { addr, network, peersOf, visited } from '../support/bitcoin.ts'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

const random = deriveStream(1, 'addresses')
const strangers = (count: number): Ipv4Endpoint[] =>
  groupedEndpoints(deriveStream(2, 's'), { groups: count, perGroup: 1 })
const trash = (count: number): Ipv4Endpoint[] => Array.from({ length: count }, () => trashEndpoint(random))

type Visited = ReturnType<typeof visited>

/** One guest says something to node 0, and it arrives. */
function say(run: Visited, message: Message, guest = 0): void {
  run.tell(guest, { type: 'say', to: run.endpoints[0]!, message })
  run.simulation.runUntil(run.simulation.now + 200)
}

const knows = (run: Visited, endpoint: Ipv4Endpoint): boolean => run.nodes[0]!.table.find(endpoint) !== undefined
const events = (run: Visited, event: string): number =>
  run.reports.filter((report) => report.node === 0 && report.event === event).length

describe('an addr', () => {
  test('brings addresses into new, with their time, and the peer as their source', () => {
    const run = visited({ strangers: strangers(1) })
    const [news] = trash(1)
    say(run, addr([news!], -hour))
    expect(run.nodes[0]!.table.find(news!)).toMatchObject({
      time: -hour - 2 * hour,
      source: strangers(1)[0],
      inTried: false,
    })
  })

  test('does not bring in the node itself, nor who cannot be reached, nor one address twice', () => {
    const run = visited({ strangers: strangers(1) })
    const [news] = trash(1)
    const { size } = run.nodes[0]!.table
    say(run, addr([run.endpoints[0]!, '10.0.0.1:8333', '127.0.0.1:8333', '0.0.0.0:8333', news!, news!, news!]))
    expect(run.nodes[0]!.table.size).toBe(size + 1)
    expect([knows(run, run.endpoints[0]!), knows(run, news!)]).toEqual([false, true])
    expect(events(run, 'malformed')).toBe(0)
  })

  test('with what is no endpoint brings in the rest, and is reported', () => {
    const bad = ['1.2.3.256:8333', '1.2.3.4', '1.2.3.4:0', '1.2.3.4:65536', 'example.org:8333', '01.2.3.4:8333', '']
    for (const each of bad) {
      const run = visited({ strangers: strangers(1) })
      const [news] = trash(1)
      say(run, addr([each, news!]))
      expect([knows(run, news!), events(run, 'malformed')], each).toEqual([true, 1])
    }
  })

  test('from the future counts as five days old', () => {
    const run = visited({ strangers: strangers(1) })
    const [soon, late] = trash(2)
    const { now } = run.simulation
    say(run, addr([soon!], now + 9 * minute))
    say(run, addr([late!], now + 11 * minute))
    expect(run.nodes[0]!.table.find(soon!)!.time).toBe(now + 9 * minute - 2 * hour)
    expect(run.nodes[0]!.table.find(late!)!.time).toBeLessThan(now - 5 * day)
  })

  test('with more than a thousand addresses is misbehaviour, and the fifth time the peer is out for a day', () => {
    const run = visited({ strangers: strangers(1) })
    const before = run.nodes[0]!.table.size
    for (let i = 0; i < 4; i++) say(run, addr(trash(maxAddresses + 1)))
    expect([run.guests[0]!.peers.length, events(run, 'malformed'), run.nodes[0]!.table.size]).toEqual([1, 4, before])
    say(run, addr(trash(maxAddresses + 1)))
    expect([run.guests[0]!.peers, events(run, 'banned')]).toEqual([[], 1])
    const dial = { type: 'dial', to: run.endpoints[0]! } as const
    run.tell(0, dial)
    run.simulation.runUntil(run.simulation.now + minute)
    expect([run.guests[0]!.peers, run.guests[0]!.closed.at(-1)]).toEqual([[], 'refused'])
    run.simulation.runUntil(run.simulation.now + day)
    run.tell(0, dial)
    run.simulation.runUntil(run.simulation.now + minute)
    expect(run.guests[0]!.peers).toEqual([run.endpoints[0]])
  })

  test('counts only from who is connected', () => {
    const run = visited({ strangers: strangers(1), dial: false })
    const before = contents(run.nodes[0]!.table)
    const guest = run.endpoints.length - 1
    run.simulation.inject(guest, 0, addr(trash(5)))
    run.simulation.inject(guest, 0, { type: 'getaddr' })
    run.simulation.runUntil(run.simulation.now + 500)
    expect(contents(run.nodes[0]!.table)).toEqual(before)
    expect(run.guests[0]!.heard).toEqual([])
  })
})

test('whatever a peer sends, nothing malformed changes a table or stops a node', () => {
  const record = fc.record({
    endpoint: fc.oneof(fc.constant('20.1.2.3:8333'), plainData),
    seen: fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), plainData),
  })
  const message = fc.record({
    type: fc.constantFrom('addr', 'getaddr', 'version', ''),
    addresses: fc.oneof(fc.array(record, { maxLength: 5 }), plainData),
  })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
      const run = visited({ strangers: strangers(1), honest: 4, seeds: 2 })
      const before = contents(run.nodes[0]!.table)
      const isFine = ({ type, addresses }: (typeof messages)[number]): boolean =>
        type === 'getaddr' ||
        (type === 'addr' &&
          Array.isArray(addresses) &&
          addresses.every(
            (each: unknown) =>
              typeof (each as Partial<AddressRecord> | null)?.endpoint === 'string' &&
              typeof (each as AddressRecord).seen === 'number',
          ))
      for (const each of messages.filter((each) => !isFine(each))) say(run, each as Message)
      expect(contents(run.nodes[0]!.table)).toEqual(before)
      expect(events(run, 'malformed')).toBe(messages.filter((each) => !isFine(each)).length)
      for (const each of messages) say(run, each as Message)
      run.simulation.runUntil(2 * minute)
      expect(peersOf(run, 0, 'full-relay', 'incoming').length).toBeGreaterThanOrEqual(3)
      for (const { endpoint } of run.nodes[0]!.table.store.entries)
        expect([...run.endpoints, endpointOf('20.1.2.3:8333')]).toContain(endpoint)
    }),
    cases(60),
  )
})

describe('getaddr', () => {
  const heard = (run: Visited, guest = 0): string[] =>
    run.guests[guest]!.heard.flatMap(({ message }) =>
      message.type === 'addr' && (message as Addr).addresses.length > 1
        ? (message as Addr).addresses.map(({ endpoint }) => endpoint)
        : [],
    )

  test('is answered with some of what the node knows, in messages of a thousand', () => {
    const run = visited({ strangers: strangers(1) })
    const { table } = run.nodes[0]!
    for (let i = 0; i < 9000; i++) table.add(trashEndpoint(random), randomEndpoint(random, 1), 0)
    say(run, { type: 'getaddr' })
    expect(heard(run).length).toBe(Math.floor(0.23 * table.size))
    const sizes = run.guests[0]!.heard.map(({ message }) => (message as Addr).addresses?.length ?? 0)
    expect(Math.max(...sizes)).toBe(maxAddresses)
    for (const each of heard(run)) expect(knows(run, endpointOf(each))).toBe(true)
  })

  test('is answered once a connection, and only to who has opened it', () => {
    const run = visited({ strangers: strangers(1) })
    for (let i = 0; i < 100; i++) run.nodes[0]!.table.add(trashEndpoint(random), randomEndpoint(random, 1), 0)
    say(run, { type: 'getaddr' })
    const once = heard(run).length
    say(run, { type: 'getaddr' })
    expect([once > 0, heard(run).length]).toEqual([true, once])
    run.tell(0, { type: 'leave', to: run.endpoints[0]! })
    run.simulation.runUntil(run.simulation.now + 200)
    run.tell(0, { type: 'dial', to: run.endpoints[0]! })
    run.simulation.runUntil(run.simulation.now + 200)
    say(run, { type: 'getaddr' })
    expect(heard(run).length).toBeGreaterThan(once)
  })

  test('is what a node asks whom it connects to, and it says where it is', () => {
    const guests = strangers(1)
    const run = visited({ strangers: guests, honest: 1, seeds: 0, dial: false })
    run.nodes[0]!.table.add(guests[0]!, guests[0]!, 0)
    run.simulation.runUntil(2 * minute)
    const messages = run.guests[0]!.heard.map(({ message }) => message)
    expect(messages.map(({ type }) => type).sort()).toEqual(['addr', 'getaddr'])
    const said = messages.find(({ type }) => type === 'addr') as Addr
    expect(said.addresses.map(({ endpoint }) => endpoint)).toEqual([formatEndpoint(run.endpoints[0]!)])
    // The other way round it does not answer: whom it chose itself need not know whom else it knows.
    for (let i = 0; i < 100; i++) run.nodes[0]!.table.add(trashEndpoint(random), randomEndpoint(random, 1), 0)
    say(run, { type: 'getaddr' })
    expect(heard(run)).toEqual([])
  })
})

describe('news of few addresses', () => {
  test('go through most of the network within a minute, and then it is quiet', () => {
    const run = visited({ strangers: strangers(1), honest: 40 })
    run.simulation.runUntil(5 * minute)
    const [news] = trash(1)
    say(run, addr([news!], run.simulation.now))
    run.simulation.runUntil(6 * minute)
    const knowing = run.nodes.filter(({ table }) => table.find(news!) !== undefined)
    // Each passes them on to two: a random graph of mean degree 2 holds 80 % together.
    expect(knowing.length).toBeGreaterThan(20)
    const before = run.simulation.packets.sent
    run.simulation.runUntil(6 * minute + 30_000)
    expect(run.simulation.packets.sent - before).toBeLessThan(40 * 20)
  })

  test('that are old, or many at once, go nowhere', () => {
    const run = visited({ strangers: strangers(1), honest: 20 })
    const [old, ...many] = trash(12)
    say(run, addr([old!], run.simulation.now - 11 * minute))
    say(run, addr(many, run.simulation.now))
    run.simulation.runUntil(5 * minute)
    for (const each of [old!, ...many])
      expect(run.nodes.filter(({ table }) => table.find(each) !== undefined).length).toBe(1)
  })

  test('come to a newcomer of whom all others are told in the end', () => {
    const run = network({ honest: 40 })
    run.simulation.runUntil(10 * minute)
    const known = run.nodes.filter(({ table }) => table.find(run.endpoints[0]!) !== undefined)
    expect(known.length).toBeGreaterThan(30)
  })
})

describe('large addr that nobody asked for', () => {
  test('are ignored where they are banned; small ones and answers are not', () => {
    const parameters = withCountermeasures(bitcoind093, { banUnsolicited: true })
    const guests = strangers(2)
    const run = visited({ strangers: guests, parameters, honest: 1, seeds: 0, dial: false })
    run.nodes[0]!.table.add(guests[1]!, guests[1]!, 0)
    run.tell(0, { type: 'dial', to: run.endpoints[0]! })
    run.simulation.runUntil(2 * minute)
    const [large, small, answer] = [trash(11), trash(10), trash(500)]
    say(run, addr(large), 0)
    say(run, addr(small), 0)
    say(run, addr(answer), 1) // the node has connected to this one, and asked
    const known = [large, small, answer].map((list) => list.filter((each) => knows(run, each)).length)
    expect(known).toEqual([0, 10, 500])
    expect(events(run, 'addresses-ignored')).toBe(1)
  })

  test('count for 0.9.3 as all others do', () => {
    const run = visited({ strangers: strangers(1) })
    const large = trash(1000)
    say(run, addr(large))
    expect(large.filter((each) => knows(run, each)).length).toBeGreaterThan(900)
  })

  test('are looked at by Core at one address in ten seconds', () => {
    const run = visited({ strangers: strangers(1), parameters: bitcoinCore })
    const known = (list: readonly Ipv4Endpoint[]): number => list.filter((each) => knows(run, each)).length
    const first = trash(1000)
    say(run, addr(first))
    expect(known(first)).toBe(1)
    run.simulation.runUntil(run.simulation.now + 200_000)
    const second = trash(1000)
    say(run, addr(second))
    expect([known(first), known(second)]).toEqual([1, 20])
  })
})

test('over block-only connections no addresses go, and none are believed', () => {
  const guests = strangers(1)
  const parameters = { ...bitcoinCore, outgoing: 1, feelerInterval: 0 }
  const run = visited({ strangers: guests, parameters, honest: 2, seeds: 1, dial: false })
  run.simulation.runUntil(minute)
  run.nodes[0]!.table.add(guests[0]!, guests[0]!, run.simulation.now)
  run.simulation.runUntil(5 * minute)
  expect(peersOf(run, 0, 'block-only')).toEqual(guests)
  expect(run.guests[0]!.heard).toEqual([])
  const lies = trash(5)
  say(run, addr(lies, run.simulation.now))
  expect(lies.filter((each) => knows(run, each))).toEqual([])
})
