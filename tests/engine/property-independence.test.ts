import {
  complete,
  deriveStream,
  duplication,
  extraDelay,
  loss,
  Simulation,
  uniformLatency,
  type Address,
  type Host,
  type Message,
  type Protocol,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Chatter, type Ledger } from '../support/chatter.ts'
import { cases, fc } from '../support/fast-check.ts'
import { horizon, transcript } from '../support/scripts.ts'

/** Acts by a stream of the test's and draws from its host's only for nothing, `draws` times in each handler. */
class Loner implements Protocol {
  readonly #host: Host
  readonly #draws: number
  readonly #own = deriveStream(1, 'the loner')

  constructor(host: Host, draws: number) {
    this.#host = host
    this.#draws = draws
  }

  onStart(): void {
    this.#act()
  }

  onMessage(): void {
    this.#act()
  }

  onTimer(): void {
    this.#act()
  }

  #act(): void {
    for (let i = 0; i < this.#draws; i++) this.#host.random.next()
    if (this.#own.chance(0.5)) this.#host.setTimer('again', this.#own.next() * 50)
    if (this.#own.chance(0.6) && this.#host.now < 500) {
      const id = `loner/${this.#own.word()}`
      const message = { type: 'chat', id, energy: 2, mention: this.#host.address }
      this.#host.send(this.#own.pick(this.#host.neighbors), message as Message)
    }
  }
}

/** Sends on its own beat and reacts to nothing; at the start, `extra` packets more. */
class Beacon implements Protocol {
  readonly #host: Host
  readonly #extra: number
  #beat = 0

  constructor(host: Host, extra: number) {
    this.#host = host
    this.#extra = extra
  }

  onStart(): void {
    for (let i = 0; i < this.#extra; i++) this.#host.send(this.#host.neighbors[0]!, { type: 'extra' })
    this.#host.setTimer('beat', this.#host.random.next() * 10)
  }

  onMessage(_from: Address, message: Message): void {
    this.#host.report('got', message.type)
  }

  onTimer(): void {
    this.#host.send(this.#host.random.pick(this.#host.neighbors), { type: `beat ${this.#beat}` })
    if (++this.#beat < 8) this.#host.setTimer('beat', this.#host.random.next() * 10)
  }
}

const network = fc.record({ seed: fc.nat(), size: fc.integer({ min: 3, max: 10 }), chosen: fc.nat(99) })

function watched(simulation: Simulation): string[] {
  const lines = transcript(simulation)
  simulation.addRule(loss(0.2))
  simulation.addRule(duplication(0.2))
  simulation.addRule(extraDelay(0, 30))
  simulation.runUntil(horizon)
  return lines
}

describe('one more random draw at one node', () => {
  test('changes nothing at any other node', () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 1, max: 5 }), ({ seed, size, chosen }, draws) => {
        const lines = (extra: number): string[] => {
          const ledger: Ledger = new Map()
          return watched(
            new Simulation({
              seed,
              topology: complete(size),
              latency: uniformLatency(1, 20),
              protocol: (host, node) =>
                (node === chosen % size
                  ? new Loner(host as never, extra)
                  : new Chatter(host as never, ledger)) as never,
            }),
          )
        }
        expect(lines(draws)).toEqual(lines(0))
      }),
      cases(100),
    )
  })
})

describe('one more packet at one node', () => {
  /** What the network did to the packets of all other nodes, without the numbers of events. */
  const others = (lines: readonly string[], node: number): string[] =>
    lines
      .filter((line) => /send|drop|message/.test(line) && !line.includes(` ${node}→`))
      .map((line) => line.replace(/ #\d+| because of \d+/g, ''))

  test("leaves losses, copies, delays and latencies of all other nodes' packets as they were", () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 1, max: 5 }), ({ seed, size, chosen }, packets) => {
        const node = chosen % size
        const lines = (extra: number): string[] =>
          others(
            watched(
              new Simulation({
                seed,
                topology: complete(size),
                latency: uniformLatency(1, 20),
                protocol: (host, index) => new Beacon(host as never, index === node ? extra : 0) as never,
              }),
            ),
            node,
          )
        const before = lines(0)
        expect(before.length).toBeGreaterThan(8)
        expect(lines(packets)).toEqual(before)
      }),
      cases(100),
    )
  })

  test("also when it is injected in a node's name: that node's own packets keep their fate", () => {
    fc.assert(
      fc.property(network, ({ seed, size, chosen }) => {
        const lines = (inject: boolean): string[] => {
          const simulation = new Simulation({
            seed,
            topology: complete(size),
            latency: uniformLatency(1, 20),
            protocol: (host) => new Beacon(host as never, 0) as never,
          })
          simulation.runUntil(0)
          if (inject) simulation.inject(chosen % size, (chosen + 1) % size, { type: 'forged' })
          return watched(simulation)
            .filter((line) => /send|drop/.test(line))
            .map((line) => line.replace(/ because of \d+/, ''))
        }
        expect(lines(true)).toEqual(lines(false))
      }),
      cases(100),
    )
  })
})
