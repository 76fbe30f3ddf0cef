/** libp2p/specs, relay/DCUtR.md: when both ends begin, how often they try, and what becomes of the way. */
import {
  constantLatency,
  drop,
  duplication,
  loss,
  pass,
  RelayClient,
  withLinkLatencies,
  type Command,
  type Data,
  type Host,
  type Message,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { alice, bob, natKinds, punchRun, relay, type PunchRunOptions, type Sent } from '../support/nat-traversal.ts'
import { node, talker } from '../support/nodes.ts'

const minute = 60_000
const symmetric = [natKinds.symmetric, natKinds.symmetric]
const mallory = 3

/** What is inside of a packet of a circuit. */
function inner({ message }: { readonly message: Message }): string {
  return (message as unknown as { message?: Message }).message?.type ?? ''
}

const isProbe = ({ message: { type } }: Sent): boolean => type === 'probe'

/** Drops the first packets of this kind on circuits. */
function dropFirst(type: string, count: number): Rule {
  let left = count
  return { name: `no ${type}`, judge: (packet) => (inner(packet) === type && left-- > 0 ? drop : pass) }
}

describe('both ends begin', () => {
  test('at the same moment, where a way takes as long as the way back', () => {
    const { connect, sent } = punchRun()
    connect()
    const first = [alice, bob].map((end) => sent.find((packet) => isProbe(packet) && packet.from === end)!.time)
    expect(first[0]).toBe(first[1])
  })

  test('so far apart as one way over the relay differs from half of the round trip', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 4, maxLength: 4 }), (latencies) => {
        const [toRelay, toAlice, fromAlice, toBob] = latencies as [number, number, number, number]
        const latency = withLinkLatencies(
          constantLatency(50),
          [
            { from: bob, to: relay, latency: constantLatency(toRelay) },
            { from: relay, to: alice, latency: constantLatency(toAlice) },
            { from: alice, to: relay, latency: constantLatency(fromAlice) },
            { from: relay, to: bob, latency: constantLatency(toBob) },
          ],
          { directed: true },
        )
        const { connect, sent, outcomes } = punchRun({ simulation: { latency }, options: { connectTimeout: 2000 } })
        connect()
        const [one, other] = [alice, bob].map(
          (end) => sent.find((packet) => isProbe(packet) && packet.from === end)!.time,
        )
        const there = toRelay + toAlice
        const back = fromAlice + toBob
        expect(one! - other!).toBeCloseTo(there - (there + back) / 2, 6)
        expect(outcomes().map(({ event }) => event)).toEqual(['direct', 'direct'])
      }),
      cases(50),
    )
  })

  test('and probe at random intervals of 10 to 200 ms', () => {
    const { connect, sent } = punchRun({ nats: symmetric })
    connect()
    for (const end of [alice, bob]) {
      const times = sent.filter((packet) => isProbe(packet) && packet.from === end).map(({ time }) => time)
      const pauses = times.slice(1).map((time, i) => time - times[i]!)
      const firstAttempt = pauses.filter((_pause, i) => times[i + 1]! < times[0]! + 5000)
      expect(firstAttempt.length).toBeGreaterThan(30)
      expect(Math.min(...firstAttempt)).toBeGreaterThanOrEqual(10)
      expect(Math.max(...firstAttempt)).toBeLessThanOrEqual(200)
      expect(new Set(firstAttempt).size).toBe(firstAttempt.length)
    }
  })
})

describe('an attempt', () => {
  test('is repeated twice, with a CONNECT and a SYNC of its own, and then the relay remains', () => {
    const { connect, sent, outcomes } = punchRun({ nats: symmetric })
    expect(connect().sort()).toEqual(['alice relayed', 'bob relayed'])
    const fromBob = sent.filter(({ from }) => from === bob).map(inner)
    expect(fromBob.filter((type) => type === 'punch-connect').length).toBe(3)
    expect(fromBob.filter((type) => type === 'punch-sync').length).toBe(3)
    expect(outcomes().map(({ detail }) => detail['reason'])).toEqual(['no probe was answered', 'no probe was answered'])
  })

  test('survives the loss of a CONNECT, which is sent again', () => {
    const { simulation, connect, outcomes } = punchRun()
    simulation.addRule(dropFirst('punch-connect', 2))
    expect(connect().sort()).toEqual(['alice direct', 'bob direct'])
    expect(outcomes().map(({ detail }) => detail['attempt'])).toEqual([1, 1])
  })

  test('is lost with its SYNC; the next one succeeds', () => {
    const { simulation, connect, outcomes } = punchRun()
    simulation.addRule(dropFirst('punch-sync', 1))
    expect(connect().sort()).toEqual(['alice direct', 'bob direct'])
    expect(outcomes().map(({ detail }) => detail['attempt'])).toEqual([2, 2])
  })

  test('does not begin where nobody answers over the circuit, and both ends say so', () => {
    const { simulation, connect, sent, outcomes } = punchRun()
    simulation.addRule(dropFirst('punch-connect', Infinity))
    connect(3 * minute)
    expect(outcomes().map(({ node, event, detail }) => [node, event, detail['reason']])).toEqual([
      [bob, 'relayed', 'no answer over the circuit'],
      [alice, 'relayed', 'no answer over the circuit'],
    ])
    expect(sent.filter(isProbe)).toEqual([])
  })

  test('leads to a direct way for both, or for none, where a tenth of the packets is lost or doubled', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.boolean(), (seed, isPunchable) => {
        const run = punchRun({ simulation: { seed }, ...(isPunchable ? {} : { nats: symmetric }) })
        run.simulation.runUntil(5000)
        run.simulation.addRule(loss(0.1))
        run.simulation.addRule(duplication(0.1))
        run.tell(alice, { type: 'connect', peer: 'bob' })
        run.simulation.runUntil(2 * minute)
        const outcomes = run.outcomes()
        const circuits = run.reports.filter(({ event }) => event === 'circuit')
        if (circuits.length < 2) return
        expect(outcomes.map(({ node }) => node).sort((a, b) => a - b)).toEqual([alice, bob])
        for (const { event } of outcomes) expect(event).toBe(isPunchable ? 'direct' : 'relayed')
      }),
      cases(40),
    )
  })
})

describe('a direct way', () => {
  const forgetful = [0, 1].map(() => ({ ...natKinds['port-restricted cone'], timeout: 30_000 }))
  const say = (run: ReturnType<typeof punchRun>): Data[] => {
    run.tell(alice, { type: 'say', peer: 'bob', payload: 'there' })
    run.tell(bob, { type: 'say', peer: 'alice', payload: 'back' })
    run.simulation.runUntil(run.simulation.now + 1000)
    return run.reports.filter(({ event }) => event === 'heard').map(({ detail }) => detail['way']!)
  }

  test('takes what peers say, and the circuit is closed after the grace', () => {
    const run = punchRun()
    run.connect()
    const opened = run.outcomes()[0]!.time
    run.simulation.runUntil(opened + 6000)
    const closed = run.reportsOf(relay, 'circuit-closed')
    expect(closed.map(({ detail }) => detail['reason'])).toEqual(['closed'])
    expect(closed[0]!.time).toBeGreaterThanOrEqual(opened + 5000)
    expect(say(run)).toEqual(['direct', 'direct'])
    expect(run.reportsOf(alice, 'closed', 'lost')).toEqual([])
  })

  test('stays open for an hour without a word, through NATs that forget after 30 s', () => {
    const run = punchRun({ nats: forgetful })
    run.connect()
    run.simulation.runUntil(60 * minute)
    expect(run.internet.mappings(0, run.simulation.now).length).toBe(1)
    expect(say(run)).toEqual(['direct', 'direct'])
  })

  test('is lost where keep-alives are rarer than the NATs forget, and both ends notice', () => {
    // Other ports each time: with the same ones both ends would open their NATs for each other anew, and never notice.
    const nats = forgetful.map((nat) => ({ ...nat, ports: 'random' as const }))
    const run = punchRun({ nats, options: { keepAlive: 40_000, silence: 100_000 } })
    run.connect()
    run.simulation.runUntil(10 * minute)
    expect([alice, bob].map((end) => run.reportsOf(end, 'lost').length)).toEqual([1, 1])
    expect(say(run)).toEqual([])
  })

  test('is found again after a restart of the other end, which nobody had told', () => {
    const run = punchRun({ nats: forgetful.map((nat) => ({ ...nat, ports: 'random' as const })) })
    run.connect()
    run.simulation.runUntil(2 * minute)
    run.simulation.crash(bob)
    run.simulation.runUntil(3 * minute)
    run.simulation.restart(bob)
    run.simulation.runUntil(5 * minute)
    expect(run.reportsOf(alice, 'lost').length).toBe(1)
    run.tell(alice, { type: 'connect', peer: 'bob' })
    run.simulation.runUntil(6 * minute)
    expect(
      run
        .outcomes()
        .map(({ node, event }) => `${node} ${event}`)
        .sort(),
    ).toEqual(['1 direct', '1 direct', '2 direct', '2 direct'])
    expect(say(run)).toEqual(['direct', 'direct'])
  })
})

interface Lie extends Command {
  readonly type: 'lie'
  readonly messages: readonly Message[]
}

/** A peer that dials bob, and then says over the circuit what it is told to. */
const liar: NonNullable<PunchRunOptions['instead']> = (index, atRelay) =>
  index !== mallory
    ? undefined
    : (host, index_, incarnation) => {
        let circuit: Parameters<RelayClient['send']>[0] | undefined
        const client = new RelayClient(
          host,
          { relay: atRelay, name: 'mallory' },
          {
            onCircuit: (opened) => void (circuit = opened),
            onData: (_circuit, message) => (host as unknown as Host).report('told', { message: message as never }),
            onClosed: () => {},
          },
        )
        return node(() => ({
          onStart: () => client.reserve(),
          onCommand: (_own, command) => {
            if (command.type === 'connect') client.connect('bob', () => {})
            else for (const message of (command as Lie).messages) client.send(circuit!, message)
          },
          onMessage: (own, from, message) => {
            if (!client.onMessage(from, message)) own.report('got', { type: message.type })
          },
          onTimer: (_own, name) => void client.onTimer(name),
        }))(host, index_, incarnation)
      }

describe('a stranger', () => {
  test('gets no answer to its probes, and its words count for nothing', () => {
    const nats = [natKinds['full cone'], natKinds['full cone']]
    const run = punchRun({ nats, others: [{}], instead: (index) => (index === mallory ? talker : undefined) })
    run.connect()
    const to = run.reportsOf(alice, 'direct')[0]!.detail['address']
    const messages = [
      { type: 'probe', token: 1 },
      { type: 'probe-reply', token: 1 },
      { type: 'talk', token: 1, payload: 'x' },
      { type: 'talk', payload: 'x' },
    ]
    run.simulation.command(mallory, { type: 'say', to, messages } as unknown as Command)
    run.simulation.runUntil(run.simulation.now + 1000)
    expect(run.reportsOf(bob, 'stray-probe').length).toBe(4)
    expect([...run.reportsOf(mallory, 'got'), ...run.reportsOf(bob, 'heard')]).toEqual([])
  })

  test('that forges what a relay says is not heard', () => {
    const run = punchRun({
      peers: [{}, {}],
      nats: [],
      others: [{}],
      instead: (i) => (i === mallory ? talker : undefined),
    })
    run.simulation.runUntil(1000)
    const stop = { type: 'relay-stop', requestId: 1, peer: 'x', circuit: 1, limit: { duration: 1000, bytes: 1 } }
    const messages = [stop, { type: 'circuit-close', circuit: 1 }]
    run.simulation.command(mallory, { type: 'say', to: run.internet.addressOf(bob), messages } as unknown as Command)
    run.simulation.runUntil(2000)
    expect(run.reportsOf(bob, 'stray-packet').length).toBe(2)
    expect(run.reportsOf(bob, 'circuit')).toEqual([])
  })
})

describe('a lying peer', () => {
  /** What bob does when mallory says these things over a circuit. */
  function lied(...lies: object[]) {
    const run = punchRun({ others: [{}, {}], instead: liar })
    const tell = (messages: object[]): void => {
      run.simulation.command(mallory, { type: 'lie', messages } as unknown as Command)
    }
    run.simulation.runUntil(1000)
    run.simulation.command(mallory, { type: 'connect' })
    run.simulation.runUntil(1500)
    tell(lies)
    run.simulation.runUntil(2000)
    return { ...run, lie: tell }
  }
  const connect = { type: 'punch-connect', attempt: 1, nonce: 1, token: 1, addresses: [] }

  test.each([
    { ...connect, addresses: [1, 2, 3, 4] },
    { ...connect, addresses: ['x'] },
    { ...connect, addresses: 1 },
    { ...connect, token: -1 },
    { ...connect, attempt: 0 },
    { ...connect, attempt: 4 },
    { type: 'punch-connect' },
    { type: 'punch-sync', nonce: 'x' },
    { type: 'talk' },
    { type: 'hello' },
  ])('is reported for %j', (lie) => {
    expect(lied(lie).reportsOf(bob, 'malformed').length).toBe(1)
  })

  test('that answers another CONNECT than the last one starts nothing', () => {
    const run = lied({ ...connect, addresses: [0] }, { type: 'punch-sync', nonce: 1 })
    run.simulation.runUntil(10_000)
    expect(run.sent.filter((packet) => packet.from === bob && isProbe(packet))).toEqual([])
  })

  test('has a victim sent no more than three addresses get in three attempts', () => {
    const victim = 4
    const run = lied()
    const addresses = [run.internet.addressOf(victim)]
    // It answers each CONNECT as it should, and names the victim for itself.
    run.simulation.observe({
      onReport: (_time, at, event, detail) => {
        const { message } = (detail ?? {}) as { readonly message?: typeof connect }
        if (at !== mallory || event !== 'told' || message?.type !== 'punch-connect') return
        run.simulation.schedule(run.simulation.now, 'lie', () => run.lie([{ ...message, token: 7, addresses }]))
      },
    })
    run.simulation.runUntil(10 * minute)
    const probes = run.sent.filter((packet) => packet.from === bob && packet.to === victim)
    expect(probes.length).toBeGreaterThan(0)
    expect(probes.length).toBeLessThan((3 * 5000) / 10)
    expect(Math.max(...probes.map(({ time }) => time)) - probes[0]!.time).toBeLessThan(20_000)
    expect(run.reportsOf(bob, 'relayed', 'closed').length).toBeGreaterThan(0)
  })
})

test('a peer that dialed a liar probes in three attempts, however often the liar says CONNECT and SYNC', () => {
  const run = punchRun({ others: [{}, {}], instead: liar })
  run.simulation.runUntil(1000)
  run.tell(bob, { type: 'connect', peer: 'mallory' })
  const addresses = [run.internet.addressOf(4)]
  for (let nonce = 0; nonce < 10; nonce++) {
    run.simulation.runUntil(2000 + 6000 * nonce)
    const call = { type: 'punch-connect', attempt: 1, nonce, token: 1, addresses }
    run.simulation.command(mallory, { type: 'lie', messages: [call, { type: 'punch-sync', nonce }] } as Lie)
  }
  run.simulation.runUntil(2 * minute)
  const probes = run.sent.filter(({ from, to }) => from === bob && to === 4)
  expect(Math.max(...probes.map(({ time }) => time))).toBeGreaterThan(2000 + 2 * 6000)
  expect(Math.max(...probes.map(({ time }) => time))).toBeLessThan(2000 + 3 * 6000)
})

test.each([
  [{ attempts: 0 }, 'attempts is 0'],
  [{ probeInterval: [20, 10] as const }, 'probeInterval is 10'],
  [{ keepAlive: 0 }, 'keepAlive is 0'],
  [{ silence: 10 }, 'silence is 10'],
  [{ maxAddresses: 9 }, 'maxAddresses is 9'],
])('a peer refuses %j at its first circuit at the latest', (options, message) => {
  expect(() => punchRun({ options }).connect()).toThrow(message)
})
