import {
  complete,
  constantLatency,
  FileClient,
  FileServer,
  loss,
  metainfoOf,
  randomFile,
  Simulation,
  star,
  type Address,
  type FileClientOptions,
  type Message,
  type Rule,
  type SimulationOptions,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { node, silent, type Handlers } from '../support/nodes.ts'
import { isSame } from '../support/swarm.ts'

const file = randomFile({ seed: 7, pieceLength: 100, pieces: 20 })
const metainfo = metainfoOf(file)

interface Setup {
  readonly seed?: number
  /** What runs on the nodes before the last one, which is the client. */
  readonly servers: readonly ('server' | SimulationOptions['protocol'])[]
  readonly client?: Partial<FileClientOptions>
  readonly rules?: readonly Rule[]
}

/** One client and its servers: nodes 0, 1 … in this order. */
function download({ seed = 1, servers, client = {}, rules = [] }: Setup) {
  const size = servers.length + 1
  let last: FileClient | undefined
  const simulation = new Simulation({
    seed,
    topology: complete(size),
    latency: constantLatency(10),
    protocol: (host, index, incarnation) => {
      const server = servers[index]
      if (server === undefined) return (last = new FileClient(host, { metainfo, ...client })) as never
      if (server === 'server') return new FileServer(host, { metainfo, pieces: file }) as never
      return server(host, index, incarnation)
    },
  })
  const reports: { event: string; detail: { peer?: number; piece?: number; pieces?: number[] } }[] = []
  simulation.observe({
    onReport: (_time, at, event, detail) => {
      if (at === size - 1) reports.push({ event, detail: (detail ?? {}) as (typeof reports)[0]['detail'] })
    },
  })
  for (const rule of rules) simulation.addRule(rule)
  const count = (event: string): number => reports.filter((report) => report.event === event).length
  const isDone = (): boolean => file.every((data, piece) => isSame(last!.data(piece), data))
  return { simulation, reports, count, isDone, client: () => last!, node: size - 1 }
}

/** A server that answers the request for a piece with that message, or not at all. */
function answering(answer: (piece: number) => Message | undefined): SimulationOptions['protocol'] {
  const handlers: Handlers = {
    onMessage: (host, from, message) => {
      const reply = answer((message as unknown as { piece: number }).piece)
      if (reply !== undefined) host.send(from, reply)
    },
  }
  return node(() => handlers)
}

const wrong = answering((piece) => ({ type: 'piece', piece, data: new Uint8Array(100) }) as Message)

describe('a client', () => {
  test('has the file of its server, byte for byte, and says so once; then nothing happens any more', () => {
    const { simulation, count, isDone } = download({ servers: ['server'] })
    expect(simulation.run({ until: 60_000 })).toBe('idle')
    expect(isDone()).toBe(true)
    expect([count('piece'), count('complete'), count('duplicate')]).toEqual([20, 1, 0])
  })

  test('asks for no more pieces at a time than its pipeline holds', () => {
    for (const pipeline of [1, 3, 20]) {
      const { simulation } = download({ servers: ['server'], client: { pipeline } })
      let [open, most] = [0, 0]
      simulation.observe({
        onSend: (_time, _from, _to, { type }) => {
          if (type === 'request') most = Math.max(most, ++open)
        },
        onEvent: (_number, _time, kind, at) => {
          if (kind === 'message' && at === 1) open--
        },
      })
      simulation.run()
      expect(most).toBe(pipeline)
    }
  })

  test('gets the whole file over a network that loses and doubles packets', () => {
    const lossy = fc.record({
      seed: fc.nat(1e6),
      share: fc.double({ min: 0, max: 0.5, noNaN: true }),
      doubles: fc.boolean(),
    })
    fc.assert(
      fc.property(lossy, ({ seed, share, doubles }) => {
        const twice: Rule = { name: 'twice', judge: () => ({ kind: 'duplicate', copies: 1 }) }
        const { simulation, isDone, count } = download({
          seed,
          servers: ['server'],
          client: { attempts: 100 },
          rules: [...(doubles ? [twice] : []), loss(share)],
        })
        simulation.run()
        expect(isDone()).toBe(true)
        expect([count('piece'), count('complete')]).toEqual([20, 1])
      }),
      cases(40),
    )
  })

  test('asks again at once for a piece that three later ones have overtaken', () => {
    let dropped = 0
    const fourth: Rule = {
      name: 'the fourth piece',
      judge: ({ message }) => ({ kind: message.type === 'piece' && ++dropped === 4 ? 'drop' : 'pass' }),
    }
    const { simulation, isDone, count } = download({ servers: ['server'], rules: [fourth], client: { pipeline: 20 } })
    simulation.runUntil(1000)
    expect(isDone()).toBe(true)
    expect(count('timeout')).toBe(0)
    expect(simulation.packets.sent).toBe(21 + 21) // once more, and no more: the rest was asked for before
  })

  test('waits longer after each time-out, and asks again for what is late only', () => {
    const { simulation, reports } = download({
      servers: [
        answering((piece) => (piece === 2 ? undefined : ({ type: 'piece', piece, data: file[piece] } as Message))),
      ],
      client: { attempts: 5, pipeline: 20, timeout: 1000 },
    })
    const times: number[] = []
    simulation.observe({ onReport: (time, _node, event) => void (event === 'timeout' && times.push(time)) })
    simulation.runUntil(16_000)
    const late = reports.filter(({ event }) => event === 'timeout')
    expect(late.map(({ detail }) => detail.pieces)).toEqual(late.map(() => [2]))
    // Asked again at 20 ms, for others had overtaken it; and then after 1, 2, 4 and 4 seconds.
    expect(times.slice(0, 4).map(Math.round)).toEqual([1020, 3020, 7020, 11_020])
  })

  test('learns how slow a server is from answers of which it knows the request', () => {
    const slow = node(() => {
      const asked = new Set<number>()
      let client: Address
      return {
        onMessage: (host, from, message) => {
          client = from
          const { piece } = message as unknown as { piece: number }
          if (!asked.has(piece)) host.setTimer(String(piece), 100_000)
          asked.add(piece)
        },
        onTimer: (host, name) =>
          host.send(client, { type: 'piece', piece: Number(name), data: file[Number(name)] } as Message),
      }
    })
    const { simulation, isDone, count } = download({ servers: [slow], client: { pipeline: 1 } })
    simulation.run()
    expect(isDone()).toBe(true)
    // After 30 and 90 seconds. It waits no less until an answer to a single request says that 100 seconds are no loss.
    expect(count('timeout')).toBe(2)
  })

  test('goes on to the next server when one is silent, and keeps what it has', () => {
    const { simulation, isDone, reports, count } = download({ servers: [silent, 'server'] })
    simulation.run()
    expect(isDone()).toBe(true)
    expect(count('timeout')).toBe(3)
    expect(new Set(reports.flatMap(({ event, detail }) => (event === 'piece' ? [detail.peer] : [])))).toEqual(
      new Set([1]),
    )
  })

  test('goes on when a server crashes in the middle', () => {
    const { simulation, isDone, reports } = download({ servers: ['server', 'server'], client: { pipeline: 1 } })
    simulation.runUntil(105)
    simulation.crash(0)
    simulation.run()
    expect(isDone()).toBe(true)
    const sources = reports.flatMap(({ event, detail }) => (event === 'piece' ? [detail.peer] : []))
    expect(sources).toEqual([...Array.from({ length: 5 }, () => 0), ...Array.from({ length: 15 }, () => 1)])
  })

  test('takes no wrong byte, and never asks again who has sent one', () => {
    const { simulation, isDone, count, reports } = download({ servers: [wrong, 'server', wrong] })
    simulation.run()
    expect(isDone()).toBe(true)
    expect(reports.flatMap(({ event, detail }) => (event === 'bad-piece' ? [detail.peer] : []))).toEqual([0])
    expect(count('piece')).toBe(20)
  })

  test('goes on past a liar and a silent one', () => {
    const { simulation, isDone, count } = download({ servers: [wrong, silent, 'server'] })
    simulation.run()
    expect(isDone()).toBe(true)
    expect([count('bad-piece'), count('timeout')]).toEqual([1, 3])
  })

  test('stops where all servers have lied', () => {
    const { simulation, count, client } = download({ servers: [wrong, wrong] })
    expect(simulation.run({ until: 1e6 })).toBe('idle')
    expect([count('bad-piece'), count('no-server'), client().pieces.count]).toEqual([2, 1, 0])
  })

  test('drops and reports what it did not ask for, and what is malformed', () => {
    const { simulation, reports, node: client } = download({ servers: [silent, 'server'] })
    simulation.runUntil(1)
    simulation.inject(1, client, { type: 'piece', piece: 0, data: file[0] } as Message)
    simulation.inject(0, client, { type: 'piece', piece: 19, data: file[19] } as Message)
    for (const message of [{ type: 'dance' }, { type: 'piece', piece: 20, data: file[0] }, { type: 'piece', piece: 0 }])
      simulation.inject(0, client, message)
    simulation.runUntil(100)
    expect(reports).toEqual([
      { event: 'unrequested', detail: { piece: 0, peer: 1 } },
      { event: 'unrequested', detail: { piece: 19, peer: 0 } },
      ...['dance', 'piece', 'piece'].map((type) => ({ event: 'malformed', detail: { type } })),
    ])
  })

  test.each([true, false])('that crashes has its pieces afterwards if it is persistent (%s)', (persistent) => {
    const {
      simulation,
      client,
      count,
      isDone,
      node: at,
    } = download({ servers: ['server'], client: { persistent, pipeline: 1 } })
    simulation.runUntil(205)
    expect(client().pieces.count).toBe(10)
    simulation.crash(at)
    simulation.restart(at)
    expect(client().pieces.count).toBe(persistent ? 10 : 0)
    simulation.run()
    expect(isDone()).toBe(true)
    expect(count('piece')).toBe(persistent ? 20 : 30)
  })

  test.each([{ pipeline: 0 }, { timeout: 0 }, { attempts: 0 }])('refuses %j', (options) => {
    expect(() => download({ servers: ['server'], client: options }).simulation.run()).toThrow(/ is 0; it must be/)
  })
})

describe('a server', () => {
  test('drops and reports what is no request, and sends no piece that does not exist', () => {
    const simulation = new Simulation({
      seed: 1,
      topology: star(2),
      protocol: (host, index, incarnation) =>
        index === 0 ? (new FileServer(host, { metainfo, pieces: file }) as never) : silent(host, index, incarnation),
    })
    const events: string[] = []
    simulation.observe({ onReport: (_time, _node, event) => void events.push(event) })
    simulation.runUntil(0)
    for (const piece of [-1, 20, 0.5, '0', null]) simulation.inject(1, 0, { type: 'request', piece } as Message)
    simulation.inject(1, 0, { type: 'have', piece: 1 } as Message)
    simulation.run()
    expect(events).toEqual(Array.from({ length: 6 }, () => 'malformed'))
    expect(simulation.packets.sent).toBe(6)
  })

  test('does not begin with bytes that are not of its file', () => {
    const simulation = new Simulation({
      seed: 1,
      topology: star(2),
      protocol: (host) => new FileServer(host, { metainfo, pieces: [undefined, new Uint8Array(100)] }) as never,
    })
    expect(() => simulation.run()).toThrow(/piece 1 was given with other bytes/)
  })
})
