import { complete, constantLatency, datagramHeader, encodedSize, type Bandwidth, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { received, say, startedSimulation, talker } from '../support/nodes.ts'

const piece = (bytes: number): Message => ({ type: 'piece', data: new Uint8Array(bytes) }) as Message
const wire = (message: Message): number => datagramHeader + encodedSize(message)
const unlimited = { up: Infinity, down: Infinity }

function network(bandwidth: (node: number) => Bandwidth, latency = 10) {
  return startedSimulation({ protocol: talker, topology: complete(4), latency: constantLatency(latency), bandwidth })
}

/** Arrivals at a line and their sizes, in ms and bytes: when each has passed, first in, first out. */
function passed(packets: readonly { at: number; bytes: number }[], bytesPerSecond: number): number[] {
  let free = 0
  return packets.map(({ at, bytes }) => (free = Math.max(at, free) + (1000 * bytes) / bytesPerSecond))
}

describe('an access line', () => {
  test('takes a packet whole before it goes on: upload, then latency, then download', () => {
    const simulation = network((node) => (node === 0 ? { up: 1000, down: 1e9 } : { up: 1e9, down: 500 }))
    const got = received(simulation)
    const message = piece(100)
    say(simulation, 0, 1, message)
    simulation.run()
    const bytes = wire(message)
    expect(got.map(({ time }) => time)).toEqual([bytes / 1 + 10 + bytes / 0.5])
  })

  test('lets packets pass in order, each after those before it, both ways', () => {
    const sizes = fc.array(fc.nat(2000), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 100, max: 1e6 }), fc.integer({ min: 100, max: 1e6 }), (list, up, down) => {
        const simulation = network((node) => (node === 0 ? { up, down: 1e9 } : { up: 1e9, down }))
        const got = received(simulation)
        say(simulation, 0, 1, ...list.map(piece))
        simulation.run()
        const bytes = list.map((size) => wire(piece(size)))
        const left = passed(
          bytes.map((each) => ({ at: 0, bytes: each })),
          up,
        )
        const there = passed(
          left.map((at, i) => ({ at: at + 10, bytes: bytes[i]! })),
          down,
        )
        expect(got.length).toBe(list.length)
        // Times on the wire are rounded up to whole microseconds, at each end.
        for (const [i, { time }] of got.entries())
          expect(Math.abs(time - there[i]!)).toBeLessThanOrEqual(0.002 * (i + 2))
      }),
      cases(60),
    )
  })

  test('shares a download among senders in the order in which their packets come', () => {
    const simulation = network((node) => (node === 0 ? { up: 1e9, down: 1000 } : unlimited))
    const got = received(simulation)
    for (const from of [1, 2, 3]) say(simulation, from, 0, piece(50))
    simulation.run()
    const span = wire(piece(50))
    expect(got.map(({ from }) => from)).toEqual([1, 2, 3])
    expect(got.map(({ time }) => time)).toEqual([10 + span, 10 + 2 * span, 10 + 3 * span])
  })

  test('has used its uplink for a packet that a rule drops', () => {
    const simulation = network(() => ({ up: 1000, down: Infinity }))
    const got = received(simulation)
    const undo = simulation.addRule({ name: 'all', judge: () => ({ kind: 'drop' }) })
    say(simulation, 0, 1, piece(100))
    undo()
    say(simulation, 0, 1, 'next')
    simulation.run()
    expect(got.map(({ time }) => time)).toEqual([wire(piece(100)) + wire({ type: 'next' }) + 10])
    expect(simulation.bytes(0).sent).toBe(wire(piece(100)) + wire({ type: 'next' }))
  })

  test('counts what was sent and what was received, headers included', () => {
    const simulation = network(() => unlimited)
    say(simulation, 0, 1, piece(10), piece(20))
    simulation.run()
    const bytes = wire(piece(10)) + wire(piece(20))
    expect([simulation.bytes(0), simulation.bytes(1)]).toEqual([
      { sent: bytes, received: 0 },
      { sent: 0, received: bytes },
    ])
  })

  test('changes nothing where nothing holds packets up', () => {
    const run = (bandwidth?: (node: number) => Bandwidth): string => {
      const simulation = startedSimulation({ protocol: talker, ...(bandwidth && { bandwidth }) })
      const got = received(simulation)
      say(simulation, 0, 1, 'a', 'b')
      simulation.run()
      say(simulation, 1, 2, 'c')
      simulation.run()
      return JSON.stringify(got)
    }
    expect(run(() => unlimited)).toBe(run())
  })

  test.each([0, -1, NaN, '5'])('refuses a bandwidth of %s', (up) => {
    expect(() => network(() => ({ up: up as number, down: 1 }))).toThrow(/upload bandwidth of node 0 \(bytes\/s\) is/)
  })

  test('counts no bytes where nobody has asked for it', () => {
    expect(() => startedSimulation().bytes(0)).toThrow('bytes are counted in runs with bandwidth')
  })
})
