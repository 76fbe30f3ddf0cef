import {
  complete,
  denseAddresses,
  maxAddress,
  star,
  unguessableAddresses,
  type Address,
  type Host,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { deviateFromUniform, fairDeviate } from '../support/chi-square.ts'
import { journal, node, received, silent, startedSimulation } from '../support/nodes.ts'

const anywhere = 12_345 as Address

describe('dense addresses', () => {
  test('are the indexes of nodes, and nobody answers past the last', () => {
    const book = denseAddresses(5)
    expect([0, 4].map((index) => book.nodeOf(book.addressOf(index)))).toEqual([0, 4])
    expect(book.nodeOf(5 as Address)).toBe(-1)
    expect(book.nodeOf(maxAddress as Address)).toBe(-1)
  })
})

describe('unguessable addresses', () => {
  const book = unguessableAddresses(4000, 9)
  const addresses = Array.from({ length: 4000 }, (_, index) => book.addressOf(index))

  test('are different whole numbers of 48 bits, spread over their whole range', () => {
    expect(new Set(addresses).size).toBe(4000)
    expect(addresses.every((address) => Number.isInteger(address) && address >= 0 && address <= maxAddress)).toBe(true)
    const counts = new Array<number>(32).fill(0)
    for (const address of addresses) counts[Math.floor((address / (maxAddress + 1)) * 32)]!++
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test('lead to their node and back; any other leads nowhere', () => {
    expect(addresses.map((address) => book.nodeOf(address))).toEqual(addresses.map((_, index) => index))
    for (let guess = 0; guess < 10_000; guess++) expect(book.nodeOf(guess as Address)).toBe(-1)
    expect(Array.from(book.addressesOf(Int32Array.of(7, 3)))).toEqual([addresses[7], addresses[3]])
  })

  test('are the same for the same seed and others for another', () => {
    expect(unguessableAddresses(10, 9).addressOf(3)).toBe(book.addressOf(3))
    expect(unguessableAddresses(10, 8).addressOf(3)).not.toBe(book.addressOf(3))
  })

  test('refuse a node that is not there', () => {
    expect(() => book.addressOf(4000)).toThrow('node is 4000; it must be a whole number from 0 to 3999')
    expect(() => book.addressOf(-1)).toThrow('node is -1')
  })

  test('are all that a protocol sees: of itself, of neighbors and of senders', () => {
    const small = unguessableAddresses(3, 5)
    const own: number[] = []
    const neighbors: number[][] = []
    const simulation = startedSimulation({
      topology: star(3),
      addresses: small,
      protocol: node(() => ({
        onStart: (host) => (own.push(host.address), neighbors.push(Array.from(host.neighbors))),
        onCommand: (host) => host.send(host.neighbors[1]!, { type: 'hello' }),
        onMessage: (host, from, message) => host.report('got', { from, message: message as never }),
      })),
    })
    const got = received(simulation)
    simulation.command(0, { type: 'go' })
    simulation.run()
    const [a, b, c] = [0, 1, 2].map((index) => small.addressOf(index))
    expect(own).toEqual([a, b, c])
    expect(neighbors).toEqual([[b, c], [a], [a]])
    expect(got).toEqual([{ time: 10, from: a, to: 2, message: { type: 'hello' } }])
  })

  test('change nothing else: a run has the fingerprint that it has with dense ones', () => {
    const fingerprint = (addresses = denseAddresses(6)): string => {
      const simulation = startedSimulation({
        topology: complete(6),
        addresses,
        protocol: node(() => ({ onStart: (host) => host.send(host.random.pick(host.neighbors), { type: 'hello' }) })),
      })
      simulation.run()
      return simulation.fingerprint
    }
    expect(fingerprint(unguessableAddresses(6, 1))).toBe(fingerprint())
  })
})

describe('sending', () => {
  const sendTo = (to: unknown) => {
    const simulation = startedSimulation({
      protocol: node(() => ({ onCommand: (host: Host) => host.send(to as Address, { type: 'x' }) })),
    })
    const lines = journal(simulation)
    simulation.command(0, { type: 'go' })
    return { lines, simulation }
  }

  test('to an address that nobody has is a drop, as it is on a real network', () => {
    const { lines, simulation } = sendTo(anywhere)
    expect(lines).toEqual(['0 command 0 go', '0 lost 0→-1 no such address'])
    expect(simulation.packets).toEqual({ sent: 1, copied: 0, delivered: 0, dropped: 1, inFlight: 0 })
  })

  test.each([undefined, null, NaN, -1, 1.5, Infinity, '3', maxAddress + 1])(
    'to %s, which is no address at all, is refused',
    (to) => {
      expect(() => sendTo(to)).toThrow(`send(to: ${String(to)}): not an address. Addresses come from host.neighbors`)
    },
  )

  test('to itself is a packet like any other', () => {
    const simulation = startedSimulation({
      protocol: node(() => ({ onCommand: (host) => host.send(host.address, { type: 'x' }) })),
    })
    simulation.command(2, { type: 'go' })
    expect(simulation.packets.inFlight).toBe(1)
    simulation.run()
    expect(simulation.packets.delivered).toBe(1)
  })

  test('shows nothing on nodes that only listen', () => {
    const simulation = startedSimulation({ protocol: silent })
    simulation.run()
    expect(simulation.packets.sent).toBe(0)
  })
})
