import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import {
  complete,
  constantLatency,
  denseAddresses,
  topologyFromEdges,
  type Address,
  type Command,
  type Data,
  type Host,
  type Message,
  type Protocol,
} from '@peerlab/engine'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeFrame, maxMessageBytes } from '../../../cli/live/codec.ts'
import { LiveLoop } from '../../../cli/live/live-loop.ts'
import { LiveNetwork, liveProtocol, type LiveNetworkOptions } from '../../../cli/live/live-network.ts'
import { freePorts } from '../../../cli/live/ports.ts'
import { until } from '../support/until.ts'

/** Sends what it is told to, and notes what it gets. */
interface Tell extends Command {
  readonly to: readonly number[]
  readonly text: string
}

interface Said extends Message {
  readonly text: string
}

interface Setup {
  readonly network: LiveNetwork
  readonly loop: LiveLoop
  /** `[node, from, text]`, in order. */
  readonly got: Data[]
  /** `[from, to, reason]`, in order. */
  readonly drops: Data[]
  tell(node: number, to: readonly number[], text: string): void
}

const started: LiveNetwork[] = []

afterEach(async () => {
  for (const network of started.splice(0)) await network.stop()
})

async function setUp(options: Partial<LiveNetworkOptions> = {}): Promise<Setup> {
  const loop = new LiveLoop()
  const topology = options.topology ?? complete(3)
  const network = new LiveNetwork({ loop, seed: 1, topology, addresses: denseAddresses(topology.size), ...options })
  started.push(network)
  await network.start()
  const got: Data[] = []
  const drops: Data[] = []
  loop.observers.push({ onDrop: (_time, from, to, _message, reason) => void drops.push([from, to, reason]) })
  loop.begin()
  for (const host of network.hosts) host.start((its, node) => talker(its as unknown as Host<Said>, node, got))
  const tell = (node: number, to: readonly number[], text: string): void =>
    network.hosts[node]!.command({ type: 'tell', to, text } as Tell)
  return { network, loop, got, drops, tell }
}

function talker(host: Host<Said>, node: number, got: Data[]): Protocol<never, never> {
  const protocol: Protocol<Said, Tell> = {
    onCommand: ({ to, text }) => to.forEach((peer) => host.send(peer as Address, { type: 'said', text })),
    onMessage: (from, { text }) => void got.push([node, from, text]),
  }
  return protocol as unknown as Protocol<never, never>
}

/** A length, and behind it what may be less or something else. */
function rawFrame(length: number, body: readonly number[] = []): Uint8Array {
  const frame = new Uint8Array(4 + body.length)
  new DataView(frame.buffer).setUint32(0, length)
  frame.set(body, 4)
  return frame
}

const garbage = rawFrame(3, [0xff, 0xff, 0xff])

describe('a network on real connections', () => {
  it('makes one connection for each pair of neighbors, with a stream each way', async () => {
    const { network } = await setUp({ topology: complete(5) })
    for (const node of network.nodes) {
      const connections = node!.getConnections()
      expect(connections).toHaveLength(4)
      for (const { streams } of connections) {
        expect(streams.map(({ direction }) => direction).sort()).toEqual(['inbound', 'outbound'])
      }
    }
  })

  it('brings messages to the node that they are for, in the order of their sending', async () => {
    const { got, tell } = await setUp()
    for (const text of ['a', 'b', 'c']) tell(0, [1], text)
    await until(() => got.length === 3)
    expect(got).toEqual(['a', 'b', 'c'].map((text) => [1, 0, text]))
  })

  it('brings a message of a megabyte, and many at once', async () => {
    const { network, got, tell } = await setUp()
    const long = 'x'.repeat(maxMessageBytes - 100)
    tell(0, [1], long)
    for (let i = 0; i < 500; i++) tell(2, [1, 0], String(i))
    await until(() => got.length === 1001 && network.isIdle)
    expect(got).toContainEqual([1, 0, long])
    for (const node of [0, 1]) {
      const texts = (got as [number, number, string][]).filter(([to, from]) => to === node && from === 2)
      expect(texts.map(([, , text]) => text)).toEqual(Array.from({ length: 500 }, (_, i) => String(i)))
    }
  })

  it('lets a node send to itself, to one that is no neighbor, and back along a link of one direction', async () => {
    const topology = topologyFromEdges(3, [
      [0, 1],
      [1, 2],
    ])
    const { got, tell } = await setUp({ topology })
    tell(0, [0, 2], 'far')
    await until(() => got.length === 2)
    expect(got).toEqual(
      expect.arrayContaining([
        [0, 0, 'far'],
        [2, 0, 'far'],
      ]),
    )
  })

  it('loses what is for nobody, and on purpose as much as it is told to', async () => {
    const { network, drops, tell } = await setUp({ loss: 1 })
    tell(0, [1, 77], 'lost')
    await until(() => drops.length === 2)
    expect(drops).toEqual([
      [0, 1, 'loss'],
      [0, -1, 'no such address'],
    ])
    expect({ sent: network.sent, idle: network.isIdle }).toEqual({ sent: 2, idle: true })
  })

  it('holds messages back as long as their link takes, and is not idle meanwhile', async () => {
    const { network, loop, got, tell } = await setUp({ latency: constantLatency(20) })
    const times: Data[] = []
    loop.observers.push({ onEvent: (_number, time, kind) => void times.push([kind, time]) })
    tell(0, [1], 'held')
    loop.onPause = () => expect(network.isIdle).toBe(got.length > 0)
    await until(() => got.length === 1)
    const timeOf = (kind: string): number => (times as [string, number][]).find((entry) => entry[0] === kind)![1]
    expect(timeOf('message') - timeOf('command')).toBeGreaterThanOrEqual(20)
  })

  it('refuses what a node sends that is no message, and hears that node and the others as before', async () => {
    const { network, got, tell } = await setUp()
    const stream = await network.nodes[1]!.dialProtocol(network.nodes[0]!.getMultiaddrs(), liveProtocol)
    stream.send(garbage)
    stream.send(encodeFrame({ type: 'said', text: 'in between' } as Message))
    stream.send(garbage)
    await until(() => network.refused.length === 2)
    tell(1, [0], 'after')
    tell(2, [0], 'after')
    await until(() => got.length === 3)
    expect(network.refused).toEqual(
      [0, 0].map(() => ({ node: 0, peer: 1, reason: expect.stringMatching(/CBOR|bytes/) })),
    )
    expect(got).toEqual(
      expect.arrayContaining([
        [0, 1, 'in between'],
        [0, 1, 'after'],
        [0, 2, 'after'],
      ]),
    )
  })

  it('closes a stream whose frame is too long, and only that one', async () => {
    const { network, got, tell } = await setUp()
    const stream = await network.nodes[1]!.dialProtocol(network.nodes[0]!.getMultiaddrs(), liveProtocol)
    stream.send(rawFrame(maxMessageBytes + 1))
    await until(() => stream.status !== 'open')
    expect(network.refused).toEqual([{ node: 0, peer: 1, reason: expect.stringContaining('a frame of 1048577 bytes') }])
    tell(1, [0], 'after')
    await until(() => got.length === 1)
    expect(got).toEqual([[0, 1, 'after']])
  })

  it('refuses every message of a stranger', async () => {
    const { network, got, tell } = await setUp()
    const stranger = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
    })
    try {
      const stream = await stranger.dialProtocol(network.nodes[0]!.getMultiaddrs(), liveProtocol)
      stream.send(encodeFrame({ type: 'said', text: 'hello' } as Message))
      stream.send(garbage)
      await until(() => network.refused.length === 2)
      tell(1, [0], 'after')
      await until(() => got.length === 1)
      expect(got).toEqual([[0, 1, 'after']])
      expect(network.refused.map(({ node, peer }) => [node, peer])).toEqual([
        [0, -1],
        [0, -1],
      ])
    } finally {
      await stranger.stop()
    }
  })

  it('makes a new connection for the next message where one has broken', async () => {
    const { network, got, tell } = await setUp()
    tell(0, [1], 'before')
    await until(() => got.length === 1)
    const [first, second] = [network.nodes[0]!, network.nodes[1]!]
    await first.hangUp(second.peerId)
    await until(() => second.getConnections(first.peerId).length === 0)
    tell(0, [1], 'after')
    tell(1, [0], 'back')
    await until(() => got.length === 3)
    expect(got).toEqual(
      expect.arrayContaining([
        [1, 0, 'after'],
        [0, 1, 'back'],
      ]),
    )
  })

  it('reports a message as lost where the receiver is gone', async () => {
    const { network, drops, tell } = await setUp()
    await network.nodes[1]!.stop()
    await until(() => network.nodes[0]!.getConnections(network.nodes[1]!.peerId).length === 0)
    tell(0, [1], 'lost')
    await until(() => drops.length === 1)
    expect(drops).toEqual([[0, 1, 'not connected']])
    expect(network.isIdle).toBe(true)
  })

  it('handles nothing any more after the stop, and frees all ports, however often it is stopped', async () => {
    const { network, got, tell, loop } = await setUp()
    const { ports } = network
    expect(ports).toHaveLength(3)
    expect(await freePorts(ports)).toEqual([])
    tell(0, [1, 2], 'too late')
    const stops = [network.stop(), network.stop()]
    tell(1, [0], 'much too late')
    await Promise.all(stops)
    await network.stop()
    expect({ got, events: loop.events, waiting: loop.waiting }).toEqual({ got: [], events: 0, waiting: 0 })
    expect(await freePorts(ports)).toEqual(ports)
  })

  it.each(['listening', 'connecting'] as const)('closes what is open where it is stopped while %s', async (when) => {
    const topology = complete(6)
    const loop = new LiveLoop()
    const network = new LiveNetwork({ loop, seed: 1, topology, addresses: denseAddresses(6) })
    let ports: readonly number[] = []
    const start = network.start((step, done) => {
      if (step !== when || done !== 3) return
      ports = network.ports
      void network.stop()
    })
    await expect(start).rejects.toThrow('the network was stopped')
    expect(ports.length).toBeGreaterThanOrEqual(3)
    expect(await freePorts(ports)).toEqual(ports)
    expect(network.nodes.filter((node) => node?.status === 'started')).toEqual([])
  })
})
