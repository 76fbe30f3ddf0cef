import type { Simulation } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import type { Chat, Ledger } from '../support/chatter.ts'
import { cases, fc } from '../support/fast-check.ts'
import { horizon, script, ScriptedRun } from '../support/scripts.ts'

/** An account of packets from what observers are told alone: what is on its way, and what became of the rest. */
class Account {
  /** `message id, way and arrival` → how many such copies are on their way. */
  readonly onTheirWay = new Map<string, number>()
  readonly fates = new Map<string, number>()
  /** By sequence number: the way of each copy that is under way. */
  readonly ways = new Map<number, string>()
  delivered = 0
  dropped = 0
  lastTime = 0
  readonly #ledger: Ledger
  readonly #simulation: Simulation

  constructor({ simulation, ledger }: ScriptedRun) {
    this.#simulation = simulation
    this.#ledger = ledger
    simulation.observe({
      onEvent: (_number, time, kind, node, peer, subject, _cause, sequence) => {
        this.#pass(time)
        if (kind !== 'message') return
        this.delivered++
        this.#close(sequence, `${peer}→${node}`)
        this.#arrive(time, peer, node, subject as Chat)
      },
      onSend: (time, from, to, message, arrival, _cause, sequence) => {
        this.#pass(time)
        expect(this.ways.has(sequence), 'two packets have one sequence number').toBe(false)
        this.ways.set(sequence, `${from}→${to}`)
        expect(arrival).toBeGreaterThanOrEqual(time)
        this.#checkSent(time, from, to, message as Chat)
        const key = `${(message as Chat).id} ${from}→${to} at ${arrival}`
        this.onTheirWay.set(key, (this.onTheirWay.get(key) ?? 0) + 1)
      },
      onDrop: (time, from, to, message, reason, _cause, sequence) => {
        this.#pass(time)
        this.dropped++
        if (reason === 'receiver down') {
          expect(simulation.isUp(to)).toBe(false)
          this.#close(sequence, `${from}→${to}`)
          this.#arrive(time, from, to, message as Chat)
        } else {
          expect(sequence).toBe(0)
          this.#checkSent(time, from, to, message as Chat)
          this.#end(message as Chat)
        }
      },
    })
  }

  get inFlight(): number {
    return [...this.onTheirWay.values()].reduce((sum, count) => sum + count, 0)
  }

  /** A packet ends under the number that it was sent under. */
  #close(sequence: number, way: string): void {
    expect(this.ways.get(sequence)).toBe(way)
    this.ways.delete(sequence)
  }

  #pass(time: number): void {
    expect(time, 'virtual time went back').toBeGreaterThanOrEqual(this.lastTime)
    this.lastTime = time
  }

  /** What the network does to a packet, it does when the sender sends it. */
  #checkSent(time: number, from: number, to: number, { id }: Chat): void {
    const { addresses } = this.#simulation
    const sent = this.#ledger.get(id)
    expect(sent, `${id} from nowhere`).toBeDefined()
    expect([sent!.time, addresses.nodeOf(sent!.from), addresses.nodeOf(sent!.to)]).toEqual([time, from, to])
  }

  #arrive(time: number, from: number, to: number, chat: Chat): void {
    const key = `${chat.id} ${from}→${to} at ${time}`
    expect(this.onTheirWay.get(key) ?? 0, `${key} from nowhere`).toBeGreaterThan(0)
    expect(this.#ledger.get(chat.id)!.time, `${key} before it was sent`).toBeLessThanOrEqual(time)
    this.onTheirWay.set(key, this.onTheirWay.get(key)! - 1)
    this.#end(chat)
  }

  #end({ id }: Chat): void {
    this.fates.set(id, (this.fates.get(id) ?? 0) + 1)
  }
}

describe('in any run', () => {
  test('nothing is delivered or lost that was not sent, and nothing before; time never goes back', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const run = new ScriptedRun(plan)
        const account = new Account(run)
        run.finish()
        expect(account.lastTime).toBeLessThanOrEqual(run.simulation.now)
      }),
      cases(300),
    )
  })

  test('sent + copied = delivered + dropped + in flight after every event, and each of them is what was seen', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const run = new ScriptedRun(plan)
        const { simulation } = run
        const account = new Account(run)
        const check = (): void => {
          const { sent, copied, delivered, dropped, inFlight } = simulation.packets
          expect([delivered, dropped, inFlight]).toEqual([account.delivered, account.dropped, account.inFlight])
          expect(sent).toBe(run.ledger.size)
          expect(sent + copied).toBe(delivered + dropped + inFlight)
        }
        for (const { time, input } of plan.inputs) {
          while (simulation.run({ until: time, maxEvents: 1 }) === 'events') check()
          check()
          run.apply(input)
          check()
        }
        do check()
        while (simulation.step())
      }),
      cases(200),
    )
  })

  test('every packet comes to an end: it is delivered or dropped, once for each copy', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const run = new ScriptedRun(plan)
        const account = new Account(run)
        const { packets } = run.finish().simulation
        expect([packets.inFlight, run.simulation.now]).toEqual([0, horizon])
        expect([...run.ledger.keys()].filter((id) => !account.fates.has(id))).toEqual([])
        expect([...account.fates.values()].reduce((sum, count) => sum + count, 0)).toBe(packets.sent + packets.copied)
      }),
      cases(300),
    )
  })

  test('the clock of the simulation stands at the event that is handled, and never goes back', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const run = new ScriptedRun(plan)
        const { simulation } = run
        let last = 0
        simulation.observe({
          onEvent: (_number, time) => {
            expect(simulation.now).toBe(time)
            expect(time).toBeGreaterThanOrEqual(last)
            last = time
          },
        })
        run.finish()
        expect(simulation.lastEventTime).toBe(last)
      }),
    )
  })

  test('these properties are not about empty runs: packets are sent, lost, copied and delivered', () => {
    const totals = { sent: 0, copied: 0, delivered: 0, dropped: 0, inFlight: 0 }
    for (const plan of fc.sample(script, 200)) {
      const { packets } = new ScriptedRun(plan).finish().simulation
      for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += packets[key]
    }
    expect(totals.sent).toBeGreaterThan(5000)
    expect(totals.delivered).toBeGreaterThan(2000)
    expect(totals.dropped).toBeGreaterThan(500)
    expect(totals.copied).toBeGreaterThan(200)
  })
})
