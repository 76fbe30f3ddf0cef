/** libp2p/specs, relay/circuit-v2.md: places, circuits, and their limits. */
import { circuitRelayLimits, Relay, type Command, type Data, type Message, type RelayLimits } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { alice, bob, natKinds, natRun, punchRun, relay, relayEndpoint } from '../support/nat-traversal.ts'
import { talker } from '../support/nodes.ts'

const minute = 60_000
const hour = 60 * minute
const symmetric = [natKinds.symmetric, natKinds.symmetric]

/** Public nodes that say to a relay what they are told to, word by word. */
function rawRun(limits: Partial<RelayLimits> = {}, size = 4) {
  const run = natRun({
    sites: [relayEndpoint, ...Array.from({ length: size - 1 }, () => ({}))],
    protocol: () => (host, node, incarnation) =>
      node === relay ? new Relay(host as never, limits) : talker(host, node, incarnation),
  })
  run.simulation.runUntil(0)
  let requestId = 0
  const send = (node: number, message: object): void => {
    const to = run.at(relayEndpoint)
    run.simulation.command(node, { type: 'say', to, messages: [message as Message] } as Command)
  }
  const got = (node: number): { readonly [key: string]: Data }[] =>
    run.reportsOf(node, 'got').map(({ detail }) => detail['message'] as { readonly [key: string]: Data })
  /** What a request is answered within the next second. */
  const ask = (node: number, message: object): { readonly [key: string]: Data } => {
    const id = ++requestId
    send(node, { ...message, requestId: id })
    run.simulation.runUntil(run.simulation.now + 1000)
    return got(node).find(({ replyTo }) => replyTo === id)!
  }
  const reserve = (node: number, peer: string, voucher?: Data): { readonly [key: string]: Data } =>
    ask(node, { type: 'relay-reserve', peer, ...(voucher === undefined ? {} : { voucher }) })
  const status = (node: number, to: string): Data =>
    ask(node, { type: 'relay-connect', peer: 'x', to })?.['status'] ?? ''
  return { ...run, send, got, ask, reserve, status }
}

describe('a place at a relay', () => {
  test('is one of 128 and lasts an hour; a circuit lasts 2 minutes and carries 128 KiB each way, 16 for a peer', () => {
    expect(circuitRelayLimits).toMatchObject({
      maxReservations: 128,
      reservationTtl: hour,
      maxCircuits: 16,
      circuitDuration: 2 * minute,
      circuitBytes: 131_072,
    })
  })

  test('is refused to the 129th peer, until one of the others has gone', () => {
    const run = punchRun({ peers: Array.from({ length: 129 }, () => ({})), nats: [] })
    run.simulation.runUntil(1000)
    expect(run.reports.filter(({ event }) => event === 'reserved').length).toBe(128)
    expect(run.reportsOf(129, 'not-reserved').map(({ detail }) => detail)).toEqual([{ reason: 'reservation-refused' }])
    run.simulation.crash(alice)
    run.simulation.runUntil(2 * minute)
    expect(run.reportsOf(129, 'reserved').length).toBe(1)
  })

  test('is kept for hours by the peer that refreshes it, behind a NAT that forgets after half a minute', () => {
    const nats = [
      { ...natKinds['port-restricted cone'], timeout: 30_000 },
      { ...natKinds['port-restricted cone'], timeout: 30_000 },
    ]
    const run = punchRun({ nats })
    run.simulation.runUntil(3 * hour)
    run.tell(alice, { type: 'connect', peer: 'bob' })
    run.simulation.runUntil(3 * hour + minute)
    expect(run.outcomes().map(({ event }) => event)).toEqual(['direct', 'direct'])
    expect(run.reportsOf(bob, 'reserved').length).toBe(4)
    expect(run.reportsOf(bob, 'not-reserved')).toEqual([])
  })

  test('ends after an hour without a new request, whatever else the peer says', () => {
    const run = rawRun()
    const { voucher } = run.reserve(1, 'bob')
    for (let time = 30_000; time < hour; time += 30_000) {
      run.simulation.runUntil(time)
      run.send(1, { type: 'relay-alive', peer: 'bob', voucher, requestId: 5 })
    }
    run.simulation.runUntil(hour - 5000)
    expect(run.status(2, 'bob')).toBe('')
    run.simulation.runUntil(hour + 1000)
    expect(run.status(2, 'bob')).toBe('no-reservation')
    expect(run.ask(1, { type: 'relay-alive', peer: 'bob', voucher })['status']).toBe('no-reservation')
  })

  test('ends after a minute of silence: the peer has disconnected', () => {
    const run = rawRun()
    run.reserve(1, 'bob')
    run.simulation.runUntil(59_000)
    expect(run.status(2, 'bob')).toBe('')
    run.simulation.runUntil(2 * minute)
    expect(run.status(2, 'bob')).toBe('no-reservation')
  })

  test('belongs to who has the voucher, and follows it to another endpoint', () => {
    const run = rawRun()
    const { voucher } = run.reserve(1, 'bob')
    expect(run.reserve(2, 'bob')['status']).toBe('permission-denied')
    expect(run.reserve(2, 'bob', (voucher as number) - 1)['status']).toBe('permission-denied')
    expect(run.ask(2, { type: 'relay-alive', peer: 'bob', voucher: 0 })['status']).toBe('no-reservation')
    expect(run.reserve(2, 'bob', voucher!)).toMatchObject({ status: 'ok', voucher })
    run.status(3, 'bob')
    expect(run.got(1).some(({ type }) => type === 'relay-stop')).toBe(false)
    expect(run.got(2).some(({ type }) => type === 'relay-stop')).toBe(true)
  })

  test('is asked for again where the relay has restarted, and where a peer has', () => {
    const run = punchRun()
    run.simulation.runUntil(minute)
    run.simulation.crash(relay)
    run.simulation.restart(relay)
    run.simulation.runUntil(2 * minute)
    expect(run.reportsOf(bob, 'reserved').length).toBe(2)
    run.simulation.crash(bob)
    run.simulation.restart(bob)
    run.simulation.runUntil(3 * minute)
    expect(run.reportsOf(bob, 'reserved').length).toBe(3)
    run.tell(alice, { type: 'connect', peer: 'bob' })
    run.simulation.runUntil(4 * minute)
    expect(run.outcomes().map(({ event }) => event)).toEqual(['direct', 'direct'])
  })

  test('is asked for again and again where the relay does not answer', () => {
    const run = punchRun()
    run.simulation.runUntil(0)
    run.simulation.crash(relay)
    run.simulation.runUntil(70_000)
    expect(run.reportsOf(bob, 'not-reserved').map(({ time }) => time)).toEqual([6000, 42_000])
    run.simulation.restart(relay)
    run.simulation.runUntil(80_000)
    expect(run.reportsOf(bob, 'reserved').length).toBe(1)
  })
})

describe('a circuit', () => {
  test('is refused to a peer that is not there, to oneself, and to one that has just gone', () => {
    const run = punchRun()
    run.simulation.runUntil(1000)
    run.simulation.crash(bob)
    for (const peer of ['nobody', 'alice', 'bob']) run.tell(alice, { type: 'connect', peer })
    run.simulation.runUntil(10_000)
    const reasons = run.reportsOf(alice, 'unreachable').map(({ detail }) => [detail['peer'], detail['reason']])
    expect(reasons).toEqual([
      ['nobody', 'no-reservation'],
      ['alice', 'connection-failed'],
      ['bob', 'connection-failed'],
    ])
  })

  test('is the last of 16 that a peer may have, as caller and as called', () => {
    for (const isCalled of [false, true]) {
      const run = punchRun({ others: Array.from({ length: 16 }, () => ({})) })
      run.simulation.runUntil(1000)
      const others = [bob, ...Array.from({ length: 16 }, (_, i) => 3 + i)]
      for (const other of others) {
        const name = other === bob ? 'bob' : `peer-${other}`
        run.tell(isCalled ? other : alice, { type: 'connect', peer: isCalled ? 'alice' : name })
      }
      run.simulation.runUntil(2000)
      const refused = run.reports.filter(({ event }) => event === 'unreachable')
      expect(refused.map(({ detail }) => detail['reason'])).toEqual(['resource-limit-exceeded'])
      expect(run.reportsOf(alice, 'circuit').length).toBe(16)
    }
  })

  test('ends after two minutes, for both ends', () => {
    const run = punchRun({ nats: symmetric })
    run.connect()
    const opened = run.reportsOf(relay, 'circuit-open')[0]!.time
    run.simulation.runUntil(3 * minute)
    expect(run.reportsOf(relay, 'circuit-closed').map(({ time, detail }) => [time, detail['reason']])).toEqual([
      [opened + 2 * minute, 'duration'],
    ])
    for (const node of [alice, bob]) expect(run.reportsOf(node, 'closed').length).toBe(1)
    run.tell(alice, { type: 'say', peer: 'bob', payload: 1 })
    expect(run.reportsOf(alice, 'not-connected').length).toBe(1)
  })

  test('ends at both ends by their own clocks, where the word of the relay is lost', () => {
    const run = punchRun({ nats: symmetric })
    run.connect()
    run.simulation.crash(relay)
    run.simulation.runUntil(3 * minute)
    for (const node of [alice, bob]) expect(run.reportsOf(node, 'closed').length).toBe(1)
  })

  test('carries 128 KiB in each direction, and the packet that goes beyond ends it', () => {
    const run = punchRun({ nats: symmetric })
    run.connect()
    const kibibyte = (from: number, peer: string, times: number): void => {
      for (let i = 0; i < times; i++) run.tell(from, { type: 'say', peer, payload: new Uint8Array(1024) })
      run.simulation.runUntil(run.simulation.now + 1000)
    }
    kibibyte(alice, 'bob', 120)
    kibibyte(bob, 'alice', 120)
    expect([run.reportsOf(bob, 'heard').length, run.reportsOf(alice, 'heard').length]).toEqual([120, 120])
    kibibyte(alice, 'bob', 8)
    expect(run.reportsOf(relay, 'circuit-closed').map(({ detail }) => detail['reason'])).toEqual(['bytes'])
    expect(run.reportsOf(bob, 'heard').length).toBeLessThan(128)
    for (const node of [alice, bob]) expect(run.reportsOf(node, 'closed').length).toBe(1)
  })

  test('of which a relay that restarted knows nothing ends with the next word', () => {
    const run = punchRun({ nats: symmetric })
    run.connect()
    run.simulation.crash(relay)
    run.simulation.restart(relay)
    run.tell(alice, { type: 'say', peer: 'bob', payload: 1 })
    run.simulation.runUntil(run.simulation.now + 1000)
    expect([run.reportsOf(alice, 'closed').length, run.reportsOf(bob, 'closed').length]).toEqual([1, 0])
  })

  test('is opened once for a request that comes twice', () => {
    const run = rawRun()
    run.reserve(1, 'bob')
    const request = { type: 'relay-connect', peer: 'x', to: 'bob', requestId: 9 }
    run.send(2, request)
    run.send(2, request)
    run.simulation.runUntil(run.simulation.now + 500)
    const stops = run.got(1).filter(({ type }) => type === 'relay-stop')
    expect(new Set(stops.map(({ circuit }) => circuit)).size).toBe(1)
    run.send(1, { type: 'relay-stop-status', status: 'ok', replyTo: stops[0]!['requestId'] })
    run.simulation.runUntil(run.simulation.now + 500)
    run.send(2, request)
    run.simulation.runUntil(run.simulation.now + 500)
    const replies = run.got(2).filter(({ replyTo }) => replyTo === 9)
    expect(replies.map(({ circuit }) => circuit)).toEqual([stops[0]!['circuit'], stops[0]!['circuit']])
  })

  test('is one for each of two callers whose requests have the same number', () => {
    const run = rawRun()
    run.reserve(1, 'bob')
    for (const caller of [2, 3]) run.send(caller, { type: 'relay-connect', peer: 'x', to: 'bob', requestId: 9 })
    run.simulation.runUntil(run.simulation.now + 500)
    const stops = run.got(1).filter(({ type }) => type === 'relay-stop')
    expect(new Set(stops.map(({ circuit }) => circuit)).size).toBe(2)
  })

  test('takes nothing from a stranger, not even with its number', () => {
    const run = punchRun({ nats: symmetric, others: [{}], instead: (node) => (node === 3 ? talker : undefined) })
    run.connect()
    const { circuit } = run.reportsOf(relay, 'circuit-open')[0]!.detail
    const messages = [
      { type: 'circuit-data', circuit, message: { type: 'talk', payload: 1 } },
      { type: 'circuit-close', circuit },
    ]
    run.simulation.command(3, { type: 'say', to: run.at(relayEndpoint), messages } as Command)
    run.simulation.runUntil(run.simulation.now + 1000)
    expect([...run.reportsOf(bob, 'heard'), ...run.reportsOf(relay, 'circuit-closed')]).toEqual([])
    expect(run.reportsOf(relay, 'stray-packet').length).toBe(1)
    run.tell(alice, { type: 'say', peer: 'bob', payload: 2 })
    run.simulation.runUntil(run.simulation.now + 1000)
    expect(run.reportsOf(bob, 'heard').map(({ detail }) => detail)).toEqual([
      { peer: 'alice', payload: 2, way: 'relay' },
    ])
  })
})

describe('a relay reports and drops', () => {
  test.each([
    { type: 'relay-reserve', peer: 'bob' },
    { type: 'relay-reserve', peer: '', requestId: 1 },
    { type: 'relay-reserve', peer: 'x'.repeat(65), requestId: 1 },
    { type: 'relay-reserve', peer: 'bob', voucher: 'x', requestId: 1 },
    { type: 'relay-alive', peer: 'bob', requestId: 1 },
    { type: 'relay-connect', peer: 'bob', requestId: 1 },
    { type: 'relay-connect', peer: 'bob', to: 7, requestId: 1 },
    { type: 'circuit-data', circuit: 1, message: 'x' },
    { type: 'circuit-data', circuit: -1, message: { type: 'x' } },
    { type: 'circuit-close' },
    { type: 'hello' },
  ])('%j', (message) => {
    const run = rawRun()
    run.send(1, message)
    run.simulation.runUntil(1000)
    expect(run.reportsOf(relay, 'malformed').length).toBe(1)
    expect(run.got(1)).toEqual([])
  })

  test.each([{ maxReservations: -1 }, { maxCircuits: 0.5 }, { circuitDuration: 0 }, { reservationTtl: NaN }])(
    'options %j are refused',
    (limits) => {
      expect(() => rawRun(limits)).toThrow(Object.keys(limits)[0]!)
    },
  )
})
