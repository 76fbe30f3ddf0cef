import { complete, constantLatency, drop, pass, Simulation, Trace, type Observer } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { journal, node, say, startedSimulation, talker } from '../support/nodes.ts'

/** A message that hops 0 → 1 → 2 and is lost on its way to 3, where a rule stands. Events 1 to 4 are the starts. */
function relay(trace: Trace): Simulation {
  const simulation = new Simulation({
    seed: 1,
    topology: complete(4),
    latency: constantLatency(10),
    protocol: node((index) => ({
      onCommand: (host) => host.setTimer('later', 5),
      onTimer: (host) => host.send(host.neighbors[0]!, { type: 'hop' }),
      onMessage: (host) => {
        host.report('passing', { index })
        host.send(host.neighbors[0]!, { type: 'hop' })
      },
    })),
  })
  simulation.addRule({ name: 'last link', judge: ({ from }) => (from === 2 ? drop : pass) })
  simulation.observe(trace)
  simulation.runUntil(3)
  simulation.command(0, { type: 'go' })
  simulation.run()
  return simulation
}

describe('a trace', () => {
  test('holds every event, in order, with the event in whose handler it was brought about; 0 from outside', () => {
    const trace = new Trace()
    const simulation = relay(trace)
    expect([...trace.events()].slice(4)).toEqual([
      { number: 5, time: 3, kind: 'command', node: 0, peer: -1, subject: { type: 'go' }, cause: 0 },
      { number: 6, time: 8, kind: 'timer', node: 0, peer: -1, subject: 'later', cause: 5 },
      { number: 7, time: 18, kind: 'message', node: 1, peer: 0, subject: { type: 'hop' }, cause: 6 },
      { number: 8, time: 28, kind: 'message', node: 2, peer: 1, subject: { type: 'hop' }, cause: 7 },
    ])
    expect([...trace.events()].slice(0, 4).map(({ kind, node: at, cause }) => `${kind} ${at} ${cause}`)).toEqual([
      'start 0 0',
      'start 1 0',
      'start 2 0',
      'start 3 0',
    ])
    expect([trace.length, trace.complete]).toEqual([simulation.events, true])
  })

  test('leads from any event back to what began it, the first cause first', () => {
    const trace = new Trace()
    relay(trace)
    expect(trace.chain(8).map(({ number }) => number)).toEqual([5, 6, 7, 8])
    expect(trace.chain(trace.drops[0]!.cause).map(({ kind }) => kind)).toEqual([
      'command',
      'timer',
      'message',
      'message',
    ])
    expect(trace.chain(2).map(({ number }) => number)).toEqual([2])
  })

  test('holds drops and reports with the event that brought them about', () => {
    const trace = new Trace()
    relay(trace)
    expect(trace.drops).toEqual([{ time: 28, from: 2, to: 3, message: { type: 'hop' }, reason: 'last link', cause: 8 }])
    expect(trace.reports).toEqual([
      { time: 18, node: 1, event: 'passing', detail: { index: 1 }, cause: 7 },
      { time: 28, node: 2, event: 'passing', detail: { index: 2 }, cause: 8 },
    ])
  })

  test('remembers long runs whole', () => {
    const trace = new Trace()
    const simulation = startedSimulation({ protocol: talker })
    simulation.observe(trace)
    say(simulation, 0, 1, ...Array.from({ length: 5000 }, (_, i) => `m${i}`))
    simulation.run()
    expect(trace.length).toBe(5001)
    expect([2, 1025, 1026, 5001].map((number) => trace.event(number).subject)).toEqual(
      [0, 1023, 1024, 4999].map((i) => ({ type: `m${i}` })),
    )
    for (const number of [2, 1024, 5001]) {
      expect(trace.event(number)).toMatchObject({ time: 10, kind: 'message', node: 1, peer: 0, cause: 5 })
    }
  })

  test('keeps the first half of its room whole and samples the rest evenly, in bounded memory, and says so once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(300), (limit, count) => {
        let warnings = 0
        const trace = new Trace({ limit, onSampling: () => warnings++ })
        for (let number = 1; number <= count; number++) {
          trace.onEvent(number, number, 'timer', number, -1, `t${number}`, number - 1)
          trace.onReport(number, number, 'done', undefined, number)
          trace.onDrop(number, 0, 1, { type: 'm' }, 'loss', number)
        }
        const kept = [...trace.events()].map(({ number }) => number)
        expect(kept.length).toBeLessThanOrEqual(limit)
        const behind = kept.slice(Math.min(limit >> 1, count))
        expect(kept.slice(0, limit >> 1)).toEqual(Array.from({ length: Math.min(limit >> 1, count) }, (_, i) => i + 1))
        const every = (behind[0] ?? 0) - (limit >> 1)
        expect(behind).toEqual(behind.map((_, i) => (limit >> 1) + (i + 1) * every))
        if (count > limit && behind.length > 0) expect(Math.log2(every) % 1).toBe(0)
        // Never under three quarters of the room, once that was used.
        if (count > limit) expect(kept.length).toBeGreaterThanOrEqual(limit - Math.ceil((limit - (limit >> 1)) / 2))
        for (const list of [trace.reports, trace.drops]) expect(list.map(({ cause }) => cause)).toEqual(kept)
        for (const number of kept) {
          expect(trace.event(number)).toEqual({
            ...{ number, time: number, kind: 'timer', node: number, peer: -1 },
            ...{ subject: `t${number}`, cause: number - 1 },
          })
        }
        expect([trace.length, trace.complete]).toEqual([count, count <= limit])
        expect(warnings).toBe(count <= limit ? 0 : 1)
        expect(trace.remark === undefined).toBe(count <= limit)
      }),
    )
  })

  test('says of an event that it left out that it did, and begins a chain behind it', () => {
    const trace = new Trace({ limit: 4 })
    for (let number = 1; number <= 9; number++) trace.onEvent(number, number, 'timer', 0, -1, 't', number - 1)
    expect([...trace.events()].map(({ number }) => number)).toEqual([1, 2, 6])
    expect(() => trace.event(7)).toThrow(
      'event 7: of the 9 events of this run the trace holds the first 2, and then one in 4',
    )
    expect(trace.chain(6).map(({ number }) => number)).toEqual([6])
    expect(trace.chain(2).map(({ number }) => number)).toEqual([1, 2])
  })

  test('refuses an event that it does not hold', () => {
    const trace = new Trace()
    relay(trace)
    for (const number of [0, 9, NaN]) {
      expect(() => trace.event(number)).toThrow(`event ${number}: this trace has events 1 to 8`)
    }
  })
})

describe('observers', () => {
  test('are told of an event before its handler runs, and of what the handler does after', () => {
    const simulation = startedSimulation({ protocol: talker })
    const told: string[] = []
    const observer: Observer = {
      onEvent: (_number, _time, kind) => void told.push(kind),
      onSend: (time, from, to, message, arrival) =>
        void told.push(`send ${from}→${to} ${message.type} ${time}–${arrival}`),
      onReport: (_time, at, event) => void told.push(`report ${at} ${event}`),
    }
    simulation.observe(observer)
    say(simulation, 0, 1, 'a')
    simulation.run()
    expect(told).toEqual(['command', 'send 0→1 a 0–10', 'message', 'report 1 got'])
  })

  test('are told nothing more once their watch has ended, and ending it twice is harmless', () => {
    const simulation = startedSimulation({ protocol: talker })
    const lines = journal(simulation)
    const others: string[] = []
    const end = simulation.observe({ onEvent: (_number, _time, kind) => void others.push(kind) })
    end()
    end()
    simulation.crash(0)
    expect([lines.length, others.length]).toEqual([1, 0])
  })

  test('change nothing: the fingerprint is the same with and without', () => {
    const fingerprint = (watched: boolean): string => {
      const simulation = startedSimulation({ protocol: talker })
      if (watched) simulation.observe(new Trace())
      say(simulation, 0, 1, 'a', 'b')
      simulation.run()
      return simulation.fingerprint
    }
    expect(fingerprint(true)).toBe(fingerprint(false))
  })
})
