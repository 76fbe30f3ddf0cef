import { complete, constantLatency, Simulation, type Data, type Host, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { node } from '../support/nodes.ts'
import { script, ScriptedRun, snapshot, transcript } from '../support/scripts.ts'

describe('the fingerprint of any run', () => {
  test('is the same for the same seed, and so is everything that happens', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const [first, second] = [new ScriptedRun(plan), new ScriptedRun(plan)]
        const [once, again] = [transcript(first.simulation), transcript(second.simulation)]
        expect(snapshot(second.finish().simulation)).toEqual(snapshot(first.finish().simulation))
        expect(again).toEqual(once)
      }),
      cases(100),
    )
  })

  test('is another for another seed', () => {
    fc.assert(
      fc.property(script, fc.nat(), (plan, seed) => {
        const run = new ScriptedRun({ ...plan, size: 8 })
        const other = new ScriptedRun({ ...plan, size: 8, seed })
        const [once, again] = [transcript(run.simulation), transcript(other.simulation)]
        run.finish()
        other.finish()
        fc.pre(once.join('\n') !== again.join('\n'))
        expect(other.simulation.fingerprint).not.toBe(run.simulation.fingerprint)
      }),
      cases(200),
    )
  })

  test('alone changes when payloads are folded', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const plain = new ScriptedRun(plan)
        const folded = new ScriptedRun(plan, { foldPayloads: true })
        const [once, again] = [transcript(plain.simulation), transcript(folded.simulation)]
        const { fingerprint: _plain, ...rest } = snapshot(plain.finish().simulation)
        const { fingerprint: _folded, ...same } = snapshot(folded.finish().simulation)
        expect(again).toEqual(once)
        expect(same).toEqual(rest)
        if (rest.packets.delivered > 0) expect(_folded).not.toBe(_plain)
      }),
      cases(100),
    )
  })
})

/** One of two nodes tells another something, which is reported; each part can be changed. */
function small({
  latency = 10,
  from = 0,
  to = 1,
  type = 'hello',
  body = 1,
  event = 'got',
  detail = 1 as Data,
  timer = 'later',
  wait = 5,
  foldPayloads = false,
} = {}): string {
  const simulation = new Simulation({
    seed: 1,
    topology: complete(3),
    latency: constantLatency(latency),
    foldPayloads,
    protocol: node((index) => ({
      onStart: (host) => {
        if (index !== 1) host.setTimer(timer, wait)
      },
      onTimer: (host) => {
        if (index === from) host.send(to as never, { type, body } as Message)
      },
      onMessage: (host) => host.report(event, detail),
    })),
  })
  simulation.run()
  return simulation.fingerprint
}

describe('the fingerprint shows a difference in', () => {
  test.each<[string, Parameters<typeof small>[0]]>([
    ['the time of a delivery, by a microsecond', { latency: 10.001 }],
    ['the receiver', { to: 2 }],
    ['the sender alone', { from: 2 }],
    ['the type of a message', { type: 'hallo' }],
    ['the name of a report', { event: 'heard' }],
    ['the detail of a report', { detail: 2 }],
    ["the shape of a report's detail", { detail: [1] }],
    ['the name of a timer', { timer: 'soon' }],
    ['the time of a timer', { wait: 6 }],
  ])('%s', (_name, change) => {
    expect(small(change)).not.toBe(small())
  })

  test('the content of a message, if payloads are folded, and only then', () => {
    expect(small({ body: 2 })).toBe(small())
    expect(small({ body: 2, foldPayloads: true })).not.toBe(small({ foldPayloads: true }))
  })

  test('what is commanded, crashed and restarted, and the order of it', () => {
    const run = (...acts: ((simulation: Simulation) => unknown)[]): string => {
      const simulation = new Simulation({ seed: 1, topology: complete(3), protocol: node(() => ({})) })
      simulation.runUntil(0)
      for (const act of acts) act(simulation)
      return simulation.fingerprint
    }
    const crash = (index: number) => (simulation: Simulation) => simulation.crash(index)
    const restart = (index: number) => (simulation: Simulation) => simulation.restart(index)
    const command = (type: string) => (simulation: Simulation) => simulation.command(0, { type })
    const control = (label: string) => (simulation: Simulation) => simulation.control(label, () => undefined)
    const runs = [
      run(),
      run(crash(1)),
      run(crash(2)),
      run(crash(1), restart(1)),
      run(crash(1), crash(2)),
      run(crash(2), crash(1)),
      run(command('a')),
      run(command('b')),
      run(command('a'), command('b')),
      run(command('b'), command('a')),
      run(control('a')),
      run(control('b')),
    ]
    expect(new Set(runs).size).toBe(runs.length)
  })

  test('the kind of an event alone', () => {
    // Both are called "a", are due at 5 at node 0, and have the same sequence number.
    const protocol = (sets: boolean) => node(() => ({ onStart: (host) => sets && host.setTimer('a', 5) }))
    const timer = new Simulation({ seed: 1, topology: complete(1), protocol: protocol(true) })
    timer.runUntil(5)
    const command = new Simulation({ seed: 1, topology: complete(1), protocol: protocol(false) })
    command.runUntil(5)
    command.command(0, { type: 'a' })
    expect([timer.events, command.events]).toEqual([2, 2])
    expect(command.fingerprint).not.toBe(timer.fingerprint)
  })

  test('the order in which things were brought about, even if nobody else can see it', () => {
    const run = (cancels: boolean): string => {
      const act = (host: Host): void => {
        if (cancels) host.setTimer('void', 1)
        if (cancels) host.cancelTimer('void')
        host.setTimer('a', 5)
      }
      const simulation = new Simulation({ seed: 1, topology: complete(1), protocol: node(() => ({ onStart: act })) })
      simulation.run()
      return simulation.fingerprint
    }
    expect(run(true)).not.toBe(run(false))
  })
})
