import { fromLink, Run, toLink, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { packetThreshold } from '../../../engine/protocols/multiplexing/stream-sender.ts'

const seeds = [1, 2, 3, 4, 5]
const [router, tcpReceiver, quicReceiver] = [0, 2, 4]

const act = (time: number, action: string, node: number): Recorded<ActionInput> => ({
  time,
  input: { action, with: { node } },
})

function finished(
  parameters: RunSpec['parameters'] = {},
  seed = 7,
  actions: readonly Recorded<ActionInput>[] = [],
): Run {
  const run = new Run({ scenario: 'multiplexing', seed, parameters, actions })
  run.finish()
  return run
}

const measures = (...args: Parameters<typeof finished>) => finished(...args).world.measures()

interface Inspected {
  readonly streams: readonly {
    readonly stream: number
    readonly frames: readonly { readonly index: number; readonly arrived: number; readonly delivered: number }[]
    readonly stalls: readonly { readonly from: number; readonly to: number }[]
  }[]
}

const inspected = (run: Run, node: number): Inspected => run.world.inspect(node) as unknown as Inspected

describe('one lost packet', () => {
  test.each([2, 5, 8])('has all of %d streams wait over TCP, and one over QUIC, whichever packet it is', (streams) => {
    for (const lostFrame of [1, 7, 23]) {
      expect(measures({ streams, lostFrame })).toMatchObject({ tcpStalled: streams, quicStalled: 1, retransmitted: 2 })
    }
  })

  test('is waited for by TCP for a round trip and the packets that show the loss', () => {
    for (const rtt of [60, 200, 500]) {
      const interval = 10
      // The next packet waits longest, and comes one interval later.
      const { tcpWait } = measures({ rtt, interval })
      expect(tcpWait).toBeCloseTo(rtt + (packetThreshold - 1) * interval, 6)
    }
  })

  test('holds more up the more streams there are over TCP; over QUIC it holds up less', () => {
    const held = (name: string, streams: number): number => measures({ streams, frames: 60 / streams })[name]!
    expect(held('tcpHeld', 6)).toBeCloseTo(held('tcpHeld', 2), 6)
    expect(held('quicHeld', 6)).toBeLessThan(held('quicHeld', 2))
    expect(held('quicHeld', 1)).toBeCloseTo(held('tcpHeld', 1), 6)
  })

  test('can be any, by hand: of both connections at the router, of one at its ends', () => {
    const lost = (node: number) => measures({ lostFrame: 0 }, 7, [act(300, 'lose', node)])
    expect(lost(router)).toMatchObject({ tcpStalled: 5, quicStalled: 1 })
    expect(lost(tcpReceiver)).toMatchObject({ tcpStalled: 5, quicStalled: 0 })
    expect(lost(quicReceiver)).toMatchObject({ tcpStalled: 0, quicStalled: 1 })
  })

  test('is seen in the streams: the stalls of a view are the waits of the frames', () => {
    const run = finished()
    const stallsOf = (node: number): number[] => inspected(run, node).streams.map(({ stalls }) => stalls.length)
    expect(stallsOf(tcpReceiver)).toEqual([1, 1, 1, 1, 1])
    expect(stallsOf(quicReceiver).filter((count) => count > 0)).toEqual([1])
    const ends = inspected(run, tcpReceiver).streams.map(({ stalls }) => stalls[0]!.to)
    expect(new Set(ends).size).toBe(1) // all go on at one moment
  })
})

test('where nothing is lost nobody waits, and the measured curve is the formula', () => {
  const run = finished({ lostFrame: 0 })
  expect(run.world.measures()).toMatchObject({ tcpStalled: 0, quicStalled: 0, tcpWait: 0, retransmitted: 0 })
  const { measured, formula } = run.world.curves(100)
  expect(measured.points).toEqual(formula!.points)
  expect(finished().world.curves(100).measured.points).not.toEqual(formula!.points)
})

describe('under random loss', () => {
  test('all arrives in the end, once and in the order of each stream, and TCP holds up more', () => {
    for (const seed of seeds) {
      const run = finished({ loss: 0.05, frames: 40 }, seed)
      expect(run.world.measures()).toMatchObject({ tcpDelivered: 1, quicDelivered: 1 })
      expect(run.world.measures()['tcpHeld']).toBeGreaterThan(run.world.measures()['quicHeld']!)
      for (const node of [tcpReceiver, quicReceiver]) {
        for (const { frames } of inspected(run, node).streams) {
          const delivered = frames.toSorted((a, b) => a.index - b.index).map((frame) => frame.delivered)
          expect(delivered).toEqual(delivered.toSorted((a, b) => a - b))
          expect(delivered).toHaveLength(40)
        }
      }
    }
  })
})

describe('after a crash', () => {
  test('of the router time-outs bring all frames', () => {
    const actions = [act(300, 'crash', router), act(900, 'restart', router)]
    expect(measures({}, 7, actions)).toMatchObject({ tcpDelivered: 1, quicDelivered: 1 })
  })

  test.each([1, 2, 3, 4])('of node %d its connection begins anew, and the other one goes on', (node) => {
    const actions = [act(300, 'crash', node), act(900, 'restart', node)]
    expect(measures({}, 7, actions)).toMatchObject({ tcpDelivered: 1, quicDelivered: 1 })
  })

  test('of a receiver for good the sender gives up', () => {
    const run = finished({}, 7, [act(300, 'crash', tcpReceiver)])
    expect(run.world.measures()).toMatchObject({ tcpDelivered: 0, quicDelivered: 1 })
    expect(run.session.simulation.nextTime).toBe(Infinity)
  })
})

test('the same seed gives the same run, also out of its link, and another seed another one', () => {
  const parameters = { loss: 0.1 }
  const run = finished(parameters, 7, [act(300, 'lose', router), act(500, 'crash', 2), act(800, 'restart', 2)])
  const again = new Run(fromLink(toLink(run.spec)))
  again.finish()
  expect(again.session.simulation.fingerprint).toBe(run.session.simulation.fingerprint)
  expect(finished(parameters, 8).session.simulation.fingerprint).not.toBe(run.session.simulation.fingerprint)
})
