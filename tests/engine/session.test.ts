import { complete, constantLatency, Session, Simulation, type Message, type Recorded } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, node } from '../support/nodes.ts'

/** What this session's people do: stop a node, or send a packet. */
type Deed = { readonly crash: number } | { readonly send: string }

interface Stage {
  readonly simulation: Simulation
  readonly lines: string[]
}

/** Two nodes; node 0 has a beat at 10, 20 … 50, and at 15 one that it cancels. */
function begin(recorded: readonly Recorded<Deed>[] = []): Session<Stage, Deed> {
  return new Session({
    create: () => {
      const simulation = new Simulation({
        seed: 1,
        topology: complete(2),
        latency: constantLatency(7),
        protocol: node((index) => ({
          onStart: (host) => {
            for (const time of index === 0 ? [10, 15, 20, 30, 40, 50] : []) host.setTimer(`beat ${time}`, time)
            host.cancelTimer('beat 15')
          },
        })),
      })
      return { simulation, lines: journal(simulation) }
    },
    apply: ({ simulation }, deed) => {
      if ('crash' in deed) simulation.crash(deed.crash)
      else simulation.inject(0, 1, { type: deed.send } as Message)
    },
    recorded,
  })
}

const lines = (session: Session<Stage, Deed>): string[] => session.world.lines.slice(2)

describe('what is performed', () => {
  test('is recorded with its time and the event it came after', () => {
    const session = begin()
    session.run({ until: 25 })
    session.perform({ send: 'a' })
    session.step()
    session.perform({ send: 'b' })
    expect(session.recorded).toEqual([
      { time: 25, after: 4, input: { send: 'a' } },
      { time: 30, after: 6, input: { send: 'b' } },
    ])
    expect(lines(session)).toEqual([
      '10 timer 0 beat 10',
      '20 timer 0 beat 20',
      '25 control -1 inject',
      '30 timer 0 beat 30',
      '30 control -1 inject',
    ])
  })

  test('before anything has happened comes after the start, so that there is somebody to do it to', () => {
    const session = begin()
    session.perform({ crash: 1 })
    expect(session.recorded).toEqual([{ time: 0, after: 2, input: { crash: 1 } }])
    expect(session.simulation.isUp(1)).toBe(false)
  })

  test('in the past begins a branch: the later inputs are forgotten', () => {
    const session = begin()
    for (const time of [12, 25, 45]) {
      session.run({ until: time })
      session.perform({ send: `at ${time}` })
    }
    session.run()
    session.seek(27)
    session.perform({ crash: 0 })
    session.run()
    expect(session.recorded.map(({ time, input }) => [time, input])).toEqual([
      [12, { send: 'at 12' }],
      [25, { send: 'at 25' }],
      [27, { crash: 0 }],
    ])
    expect(lines(session).slice(-2)).toEqual(['27 crash 0', '32 message 0→1 at 25'])
  })

  test('and fails is not recorded', () => {
    const session = begin()
    expect(() => session.perform({ crash: 9 })).toThrow('node is 9')
    expect(session.recorded).toEqual([])
  })
})

describe('a replay', () => {
  test('puts an input in its place where a timer was cancelled between it and the event before', () => {
    // 15 has a void timer: an input at 17 comes after the event at 10, and the void one lies in between.
    const session = begin()
    session.run({ until: 17 })
    session.perform({ send: 'a' })
    session.run()
    const replay = begin(session.recorded)
    replay.run()
    expect(lines(replay)).toEqual(lines(session))
    expect(replay.simulation.fingerprint).toBe(session.simulation.fingerprint)
  })

  test('puts an input in its place where a packet to a crashed node was lost in between', () => {
    const session = begin()
    session.perform({ send: 'lost at 7' })
    session.perform({ crash: 1 })
    session.run({ until: 8 })
    session.perform({ send: 'a' })
    session.run()
    const replay = begin(session.recorded)
    replay.run()
    expect(lines(replay)).toEqual(lines(session))
  })

  test('keeps two inputs of one moment in their order, and between the events they were between', () => {
    const session = begin()
    session.run({ until: 20 })
    session.perform({ crash: 1 })
    session.perform({ send: 'a' })
    session.run()
    const replay = begin(session.recorded)
    replay.run()
    expect(lines(replay)).toEqual(lines(session))
    expect(lines(replay).slice(1, 4)).toEqual(['20 timer 0 beat 20', '20 crash 1', '20 control -1 inject'])
  })

  test('plays inputs that come after the last event', () => {
    const session = begin()
    session.run({ until: 1000 })
    session.perform({ send: 'late' })
    session.run()
    for (const play of [
      (replay: Session<Stage, Deed>) => replay.run(),
      (replay: Session<Stage, Deed>) => {
        while (replay.step());
      },
    ]) {
      const replay = begin(session.recorded)
      play(replay)
      expect(lines(replay).slice(-2)).toEqual(['1000 control -1 inject', '1007 message 0→1 late'])
    }
  })

  test('of a recording of another run is refused, with both places', () => {
    const wrong = (entry: { time: number; after: number }) => () => begin([{ ...entry, input: { crash: 1 } }]).run()
    // At 25 ms four events have happened: neither three nor six.
    expect(wrong({ time: 25, after: 3 })).toThrow(
      /^recorded input 1 belongs at 25 ms after event 3, but this run is at \d+ ms after event 3: the recording is of another/,
    )
    expect(wrong({ time: 25, after: 6 })).toThrow(
      'recorded input 1 belongs at 25 ms after event 6, but this run is at 25 ms after event 4',
    )
    expect(wrong({ time: 25, after: 4 })).not.toThrow()
  })

  test('of inputs that are out of order is refused', () => {
    const session = begin([
      { time: 30, input: { send: 'a' } },
      { time: 20, input: { send: 'b' } },
    ])
    expect(() => session.run()).toThrow('recorded input 2 belongs at 20 ms')
  })
})

describe('a plan, which says no events,', () => {
  const plan: Recorded<Deed>[] = [
    { time: 20, input: { send: 'a' } },
    { time: 20, input: { crash: 1 } },
    { time: 35, input: { send: 'b' } },
  ]
  const planned = [
    '10 timer 0 beat 10',
    '20 timer 0 beat 20',
    '20 control -1 inject',
    '20 crash 1',
    '27 lost 0→1 receiver down',
    '30 timer 0 beat 30',
    '35 control -1 inject',
    '40 timer 0 beat 40',
    '42 lost 0→1 receiver down',
    '50 timer 0 beat 50',
  ]

  test('comes after all events up to and at its times', () => {
    const session = begin(plan)
    session.run()
    expect(lines(session)).toEqual(planned)
  })

  test('comes there also step by step', () => {
    const session = begin(plan)
    while (session.step());
    session.run()
    expect(lines(session)).toEqual(planned)
  })

  test('comes there when a void event lies before it, step by step', () => {
    const session = begin([{ time: 17, input: { send: 'a' } }])
    while (session.step());
    expect(lines(session).slice(0, 3)).toEqual(['10 timer 0 beat 10', '17 control -1 inject', '20 timer 0 beat 20'])
  })
})

describe('going to a moment', () => {
  test('in the past makes the run anew; in the future goes on with the same one', () => {
    const session = begin()
    session.seek(25)
    const world = session.world
    session.seek(35)
    expect(session.world).toBe(world)
    session.seek(25)
    expect(session.world).not.toBe(world)
    expect([session.simulation.now, session.simulation.events]).toEqual([25, 4])
  })

  test('replays what was performed before it, and not what was performed after', () => {
    const session = begin()
    for (const time of [12, 25]) {
      session.run({ until: time })
      session.perform({ send: `at ${time}` })
    }
    session.run()
    session.seek(24)
    expect(lines(session)).toEqual([
      '10 timer 0 beat 10',
      '12 control -1 inject',
      '19 message 0→1 at 12',
      '20 timer 0 beat 20',
    ])
    expect(session.recorded.length).toBe(2)
  })

  test('by the number of an event stops right after it, before inputs that came after it', () => {
    const session = begin()
    session.run({ until: 12 })
    session.perform({ send: 'a' })
    session.run()
    for (const number of [0, 3, 4, 3, 2, 8]) {
      session.seekEvent(number)
      expect(session.simulation.events).toBe(number)
    }
    session.seekEvent(3)
    expect(lines(session)).toEqual(['10 timer 0 beat 10'])
  })
})

describe('bounds', () => {
  test.each([1, 2, 3, 5])(
    'of %i events at a time change nothing, though a control may dispatch two of them',
    (maxEvents) => {
      const make = (): Session<Stage, Deed> =>
        new Session<Stage, Deed>({
          create: () => {
            const simulation = new Simulation({
              seed: 1,
              topology: complete(2),
              protocol: node(() => ({ onCommand: () => {} })),
            })
            for (const time of [10, 20, 30]) {
              simulation.schedule(time, 'publish', () => simulation.command(0, { type: 'publish' }))
            }
            return { simulation, lines: journal(simulation) }
          },
          apply: ({ simulation }) => simulation.crash(1),
          recorded: [{ time: 35, input: { crash: 1 } }],
        })
      const whole = make()
      whole.run()
      const sliced = make()
      while (sliced.run({ maxEvents }) === 'events');
      expect(lines(sliced)).toEqual(lines(whole))
    },
  )

  test('hold for a session as for a simulation', () => {
    const session = begin([{ time: 25, input: { send: 'a' } }])
    expect([session.run({ maxEvents: 3 }), session.simulation.events]).toEqual(['events', 3])
    expect([session.run({ until: 25 }), session.simulation.events]).toEqual(['time', 5])
    expect([session.run(), session.simulation.now]).toEqual(['idle', 50])
  })
})
