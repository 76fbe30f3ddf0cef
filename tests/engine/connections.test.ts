import {
  complete,
  Connections,
  constantLatency,
  duplication,
  loss,
  Simulation,
  type Address,
  type AttackerHost,
  type Command,
  type ConnectionsOptions,
  type Host,
  type Message,
  type Protocol,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

interface Wish extends Command {
  readonly type: 'dial' | 'close' | 'say' | 'raw'
  readonly peer: number
  readonly packet?: Message
  readonly as?: number
}

/** A node that does what it is told, and lets the test look at its connections. */
class Talker implements Protocol<Message, Wish> {
  readonly connections: Connections<Message>
  readonly heard: string[] = []
  readonly log: string[] = []
  readonly #host: AttackerHost

  constructor(host: Host<never>, options: ConnectionsOptions) {
    this.#host = host as unknown as AttackerHost
    this.connections = new Connections(host, {
      ...options,
      onOpen: ({ peer, direction }) => this.log.push(`open ${peer} ${direction}`),
      onClose: (peer, direction, reason) => this.log.push(`${reason} ${peer} ${direction}`),
    })
  }

  onCommand({ type, peer, packet, as }: Wish): void {
    const to = peer as Address
    if (type === 'dial') this.connections.dial(to)
    if (type === 'close') this.connections.close(to)
    if (type === 'say') this.connections.send(to, { type: 'hello' })
    if (type !== 'raw') return
    if (as === undefined) this.#host.send(to, packet!)
    else this.#host.sendAs(as as Address, to, packet!)
  }

  onMessage(from: Address, message: Message): void {
    const said = this.connections.onMessage(from, message)
    if (said !== undefined) this.heard.push(`${said.type} from ${from}`)
  }

  onTimer(name: string): void {
    expect(this.connections.onTimer(name)).toBe(true)
  }
}

function network({ size = 4, options = {}, rules = [], seed = 1 }: Partial<Setup> = {}) {
  const talkers: Talker[] = []
  const simulation = new Simulation({
    seed,
    topology: complete(size),
    protocol: (host, node) => (talkers[node] = new Talker(host, options)) as unknown as Protocol<never, never>,
    latency: constantLatency(10),
    attackers: new Set([0]),
  })
  for (const rule of rules) simulation.addRule(rule)
  simulation.runUntil(0)
  const wish = (node: number, type: Wish['type'], peer: number, more: object = {}): boolean =>
    simulation.command(node, { type, peer, ...more } as Wish)
  return { simulation, talkers, wish }
}

interface Setup {
  readonly size: number
  readonly options: ConnectionsOptions
  readonly rules: readonly Rule[]
  readonly seed: number
}

const dialPacket = (dialed: number): Message =>
  ({ type: 'connection', step: 'dial', dialed, accepted: 0 }) as unknown as Message

describe('a connection', () => {
  test('opens in three steps, on both sides, and carries messages both ways until it is closed', () => {
    const { simulation, talkers, wish } = network()
    wish(0, 'dial', 1)
    simulation.runUntil(10)
    expect([talkers[0]!.connections.isOpen(1 as Address), talkers[1]!.connections.isOpen(0 as Address)]).toEqual([
      false,
      false,
    ])
    simulation.runUntil(30)
    wish(0, 'say', 1)
    wish(1, 'say', 0)
    simulation.runUntil(50)
    wish(1, 'close', 0)
    simulation.runUntil(100)
    wish(0, 'say', 1)
    simulation.run()
    expect([talkers[0]!.heard, talkers[1]!.heard]).toEqual([['hello from 1'], ['hello from 0']])
    expect(talkers[0]!.log).toEqual(['open 1 outbound', 'closed by peer 1 outbound'])
    expect(talkers[1]!.log).toEqual(['open 0 inbound', 'closed 0 inbound'])
  })

  test('is one, when both sides dial at once', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { simulation, talkers, wish } = network({ seed })
      wish(0, 'dial', 1)
      wish(1, 'dial', 0)
      simulation.runUntil(1000)
      const [a, b] = [talkers[0]!.connections.open, talkers[1]!.connections.open]
      expect([a.length, b.length]).toEqual([1, 1])
      expect(new Set([a[0]!.direction, b[0]!.direction])).toEqual(new Set(['inbound', 'outbound']))
    }
  })

  test('lives as long as both sides do, without a word of the protocol', () => {
    const { simulation, talkers, wish } = network()
    wish(0, 'dial', 1)
    simulation.runUntil(600_000)
    expect(talkers[0]!.log).toEqual(['open 1 outbound'])
    simulation.crash(1)
    simulation.runUntil(800_000)
    expect(talkers[0]!.log.at(-1)).toBe('silent 1 outbound')
  })

  test('ends when its peer has restarted and dials again', () => {
    const { simulation, talkers, wish } = network()
    wish(0, 'dial', 1)
    simulation.runUntil(100)
    simulation.crash(0)
    simulation.restart(0)
    wish(0, 'dial', 1)
    simulation.runUntil(6000)
    expect(talkers[1]!.log).toEqual(['open 0 inbound', 'closed by peer 0 inbound'])
    wish(0, 'dial', 1)
    simulation.runUntil(7000)
    expect(talkers[1]!.connections.isOpen(0 as Address)).toBe(true)
  })

  test('that only one side believes in ends as soon as that side says something', () => {
    const { simulation, talkers, wish } = network()
    // The confirmation is lost, and all that the dialer says after it.
    const undo = simulation.addRule({
      name: 'lost',
      judge: ({ message }) => ({
        kind: ['confirm', 'data'].includes((message as { step?: string }).step ?? '') ? 'drop' : 'pass',
      }),
    })
    wish(0, 'dial', 1)
    simulation.runUntil(6000)
    undo()
    expect(talkers[1]!.log).toEqual(['no answer 0 inbound'])
    wish(0, 'say', 1)
    simulation.runUntil(6100)
    expect(talkers[0]!.log).toEqual(['open 1 outbound', 'closed by peer 1 outbound'])
  })

  test('is not made with oneself, nor twice', () => {
    const { simulation, talkers, wish } = network()
    wish(0, 'dial', 0)
    wish(0, 'dial', 1)
    wish(0, 'dial', 1)
    simulation.runUntil(100)
    expect(talkers[0]!.log).toEqual(['open 1 outbound'])
    expect(talkers[0]!.connections.used('outbound')).toBe(1)
  })
})

describe('slots', () => {
  test('are never more than there are, on either side, whatever is lost, doubled or crashes', () => {
    const acts = fc.array(
      fc.record({
        time: fc.nat(60_000),
        act: fc.constantFrom<Wish['type'] | 'crash' | 'restart'>(
          'dial',
          'dial',
          'dial',
          'close',
          'say',
          'crash',
          'restart',
        ),
        node: fc.nat(5),
        peer: fc.nat(5),
      }),
      { maxLength: 60 },
    )
    const limits = fc.record({ maxOutbound: fc.nat(3), maxInbound: fc.nat(3) })
    fc.assert(
      fc.property(acts, limits, fc.constantFrom(0, 0.3), fc.nat(1000), (list, options, share, seed) => {
        const { simulation, talkers, wish } = network({ size: 6, options, seed })
        const undo = [loss(share), duplication(share)].map((rule) => simulation.addRule(rule))
        const check = (): void => {
          for (const { connections } of talkers) {
            expect(connections.used('outbound')).toBeLessThanOrEqual(options.maxOutbound)
            expect(connections.used('inbound')).toBeLessThanOrEqual(options.maxInbound)
          }
        }
        simulation.observe({ onEvent: check })
        for (const { time, act, node, peer } of [...list].sort((a, b) => a.time - b.time)) {
          simulation.runUntil(time)
          if (act === 'crash') simulation.crash(node)
          else if (act === 'restart') simulation.restart(node)
          else wish(node, act, peer)
        }
        // Once nothing is lost any more, both sides come to agree on what is open.
        for (const each of undo) each()
        simulation.runUntil(simulation.now + 300_000)
        check()
        for (const [node, { connections }] of talkers.entries()) {
          if (!simulation.isUp(node)) continue
          for (const { peer } of connections.open) {
            expect(simulation.isUp(peer), `${node} believes in ${peer}, who is down`).toBe(true)
            expect(talkers[peer]!.connections.isOpen(node as Address), `${node} believes in ${peer}`).toBe(true)
          }
        }
      }),
      cases(60),
    )
  })

  test('are free again after a refusal, a time-out and a close', () => {
    const { simulation, talkers, wish } = network({ options: { maxOutbound: 1, accept: (peer) => peer !== 3 } })
    simulation.crash(2)
    wish(3, 'dial', 1)
    simulation.runUntil(100)
    expect(talkers[3]!.log).toEqual(['refused 1 outbound'])
    wish(3, 'dial', 2)
    simulation.runUntil(6000)
    expect(talkers[3]!.log.at(-1)).toBe('no answer 2 outbound')
    expect(talkers[3]!.connections.used('outbound')).toBe(0)
  })
})

describe('an attacker who gives another address', () => {
  test('gets a half open connection for one time-out, and nothing more', () => {
    const { simulation, talkers, wish } = network({ options: { maxInbound: 2 } })
    // Node 3 is down: nobody there to say that it has not dialed.
    simulation.crash(3)
    wish(0, 'raw', 1, { packet: dialPacket(7), as: 3 })
    simulation.runUntil(100)
    expect(talkers[1]!.connections.used('inbound')).toBe(1)
    wish(0, 'raw', 1, { packet: { ...dialPacket(7), step: 'confirm', accepted: 1 }, as: 3 })
    simulation.runUntil(6000)
    expect(talkers[1]!.log).toEqual(['no answer 3 inbound'])
    expect(talkers[1]!.connections.used('inbound')).toBe(0)
  })

  test('cannot end a connection that others have', () => {
    const { simulation, talkers, wish } = network()
    wish(1, 'dial', 2)
    simulation.runUntil(100)
    for (const step of ['dial', 'close', 'refuse', 'accept', 'confirm']) {
      for (const [from, to] of [
        [1, 2],
        [2, 1],
      ] as const) {
        wish(0, 'raw', to, { packet: { ...dialPacket(99), step, accepted: 5 }, as: from })
      }
    }
    simulation.runUntil(1000)
    expect([talkers[1]!.log, talkers[2]!.log]).toEqual([['open 2 outbound'], ['open 1 inbound']])
  })
})

test('what is no packet of this layer is reported and dropped, connected or not', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 1 }), fc.boolean(), (fields, isConnected) => {
      const { simulation, talkers, wish } = network()
      if (isConnected) wish(0, 'dial', 1)
      simulation.runUntil(100)
      const before = talkers[1]!.log.length
      wish(0, 'raw', 1, { packet: { type: 'connection', ...JSON.parse(JSON.stringify(fields)) } })
      wish(0, 'raw', 1, { packet: { type: 'other' } })
      simulation.runUntil(200)
      expect([talkers[1]!.heard, talkers[1]!.log.length]).toEqual([[], before])
    }),
    cases(100),
  )
})

test.each([
  [{ maxOutbound: -1 }, 'maxOutbound is -1'],
  [{ maxInbound: 1.5 }, 'maxInbound is 1.5'],
  [{ handshakeTimeout: 0 }, 'handshakeTimeout is 0'],
  [{ keepAlive: 100, silence: 50 }, 'silence is 50 ms; it must be more than keepAlive, 100 ms'],
])('refuses %j', (options, message) => {
  expect(() => network({ options })).toThrow(message)
})
