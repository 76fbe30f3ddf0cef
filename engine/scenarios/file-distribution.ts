import type { Data } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { constantLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { star } from '../core/topologies.ts'
import type { Millis } from '../core/time.ts'
import { clientServerTime, peerToPeerTime } from '../measures/formulas.ts'
import { History } from '../measures/history.ts'
import { FileClient } from '../protocols/client-server/file-client.ts'
import { FileServer } from '../protocols/client-server/file-server.ts'
import { metainfoOf, randomFile } from '../protocols/piece-exchange/metainfo.ts'
import { PieceExchange } from '../protocols/piece-exchange/piece-exchange.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { kibibyte, peersOf, swarmMarks, swarmMessages, swarmTopology } from './swarm-parts.ts'

/** Node 0 has the file. */
const server = 0

const rate = { type: 'number', unit: 'KiB/s' } as const

/** The defaults are the worked case of Kurose and Ross: the server is ten times as fast as a peer, which is one of 30. */
const parameters = {
  size: { type: 'integer', min: 2, max: 101, default: 31, label: 'size: a server and its peers', unit: 'nodes' },
  way: { type: 'choice', options: ['swarm', 'server'], default: 'swarm', label: 'who sends: all, or the server' },
  serverUpload: { ...rate, min: 1, max: 10_000, default: 320, label: 'upload of the server' },
  peerUpload: { ...rate, min: 0, max: 1000, default: 32, label: 'upload of a peer, 0 = none' },
  peerDownload: { ...rate, min: 1, max: 100_000, default: 3200, label: 'download of a peer' },
  freeRiders: { type: 'number', min: 0, max: 1, default: 0, label: 'share of peers that upload nothing' },
  pieces: { type: 'integer', min: 1, max: 500, default: 64, label: 'pieces of the file', unit: 'pieces' },
  pieceLength: { type: 'number', min: 1, max: 900, default: 16, label: 'length of a piece', unit: 'KiB' },
  slots: { type: 'integer', min: 1, max: 120, default: 4, label: 'peers that a node uploads to', unit: 'nodes' },
  neighbors: { type: 'integer', min: 0, max: 100, default: 10, label: 'peers that a peer knows', unit: 'nodes' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'latency', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 0.9, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 36_000_000, default: 1_200_000, label: 'ends at the latest', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

export const fileDistribution = defineScenario({
  id: 'file-distribution',
  title: 'File distribution',
  summary: 'One file for many: twice the peers, and a server needs twice as long; peers that upload serve each other.',
  parameters,
  actions: nodeActions,
  states: [
    { id: 'waiting', label: 'has nothing yet', tone: 'idle' },
    { id: 'loading', label: 'has some pieces', tone: 'c' },
    { id: 'complete', label: 'has the file', tone: 'a' },
    { id: 'server', label: 'is the server', tone: 'd' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'received', unit: 'share', label: 'of all that peers want, received' },
    { name: 'complete', unit: 'nodes', label: 'peers that have the file' },
    { name: 'time', unit: 'ms', label: 'time until all have it' },
    { name: 'serverTime', unit: 'ms', label: 'a server alone: max{NF/u_s, F/d_min}' },
    { name: 'swarmTime', unit: 'ms', label: 'no swarm is faster than: max{F/u_s, F/d_min, NF/(u_s+Σu_i)}' },
    { name: 'fromServer', unit: 'share', label: 'pieces that came from the server' },
    { name: 'wasted', unit: 'pieces', label: 'pieces that came in vain' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'received',
    costs: ['time', 'fromServer'],
    controls: ['size', 'peerUpload'],
    click: 'crash',
    doubleClick: 'restart',
    messages: swarmMessages,
    marks: swarmMarks,
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("file-distribution runs its own protocols only; it has no lab's")
    return new FileDistributionWorld(parameters, seed, observers, foldPayloads)
  },
})

class FileDistributionWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #freeRiders: ReadonlySet<number>
  readonly #nodes: (FileClient | FileServer | PieceExchange | undefined)[] = []
  readonly #complete = new Set<number>()
  readonly #received = new History()
  /** Pieces that each node has got from each other, by the number of the giver. */
  readonly #from: readonly Map<number, number>[]
  #pieces = 0
  #fromServer = 0
  #wasted = 0

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, way, neighbors, latency, serverUpload, peerUpload, peerDownload } = values
    this.#values = values
    this.#from = Array.from({ length: size }, () => new Map<number, number>())
    const peers = Array.from({ length: size - 1 }, (_, i) => i + 1)
    this.#freeRiders = new Set(deriveStream(seed, 'free riders').sample(peers, ridersAmong(values)))
    const file = randomFile({ seed, pieces: values.pieces, pieceLength: pieceBytes(values) })
    const metainfo = metainfoOf(file)
    this.simulation = new Simulation({
      seed,
      topology: way === 'server' ? star(size) : swarmTopology(size, neighbors, deriveStream(seed, 'topology')),
      protocol: (host, node) => {
        const protocol = this.#make(host, node, metainfo, file)
        this.#nodes[node] = protocol
        return protocol as Protocol<never, never>
      },
      bandwidth: (node) =>
        node === server
          ? { up: serverUpload * kibibyte, down: Infinity }
          : { up: lineOf(peerUpload), down: peerDownload * kibibyte },
      latency: constantLatency(latency),
      foldPayloads,
    })
    if (values.loss > 0) this.simulation.addRule(loss(values.loss))
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({ onReport: (time, node, event, detail) => this.#note(time, node, event, detail) })
    this.#received.note(0, 0)
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    return {
      received: this.#received.latest!,
      complete: this.#complete.size,
      time: this.#received.timeToReach(1),
      serverTime: 1000 * clientServerTime(this.#distribution),
      swarmTime: 1000 * peerToPeerTime(this.#distribution, uploadOfAll(this.#values)),
      fromServer: this.#pieces === 0 ? null : this.#fromServer / this.#pieces,
      wasted: this.#wasted,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === server) return 'server'
    const { count, isComplete } = this.#pieceSet(node)!
    return isComplete ? 'complete' : count > 0 ? 'loading' : 'waiting'
  }

  inspect(node: number): Data {
    const { simulation } = this
    const set = this.#pieceSet(node)
    return {
      state: this.state(node),
      restarts: simulation.incarnation(node),
      uploadsNothing: node !== server && this.#freeRiders.has(node),
      pieces: set === undefined ? [] : Array.from({ length: set.size }, (_, piece) => set.has(piece)),
      from: [...this.#from[node]!].map(([giver, pieces]) => ({ node: giver, pieces })),
      bytes: { ...simulation.bytes(node) },
      peers: peersOf(simulation.isUp(node) ? this.#nodes[node] : undefined, simulation.addresses),
    }
  }

  /** Beside what is received stands the fluid of the formula: it fills all lines from the first moment to the last. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    const { serverTime, swarmTime } = this.measures()
    const time = this.#values.way === 'server' ? serverTime! : swarmTime!
    const end = this.simulation.now
    const fluid: [number, number][] = [
      [0, 0],
      [time, 1],
    ]
    if (end > time) fluid.push([end, 1])
    return {
      measured: { label: 'received', points: this.#received.points(points, end) },
      formula: { label: 'a fluid at the bound of Kurose and Ross', points: fluid },
    }
  }

  /** Keep-alives go on for ever; it is over when all have the file. */
  isOver(): boolean {
    return this.#complete.size === this.#values.size - 1
  }

  #make(host: Host<never>, node: number, metainfo: ReturnType<typeof metainfoOf>, file: readonly Uint8Array[]) {
    const { way, slots, serverUpload, peerUpload } = this.#values
    const isServer = node === server
    const uploadRate = isServer ? serverUpload * kibibyte : lineOf(peerUpload)
    if (way === 'server') {
      return isServer
        ? new FileServer(host, { metainfo, pieces: file, uploadRate })
        : new FileClient(host, { metainfo })
    }
    return new PieceExchange(host, {
      metainfo,
      ...(isServer && { pieces: file }),
      slots: this.#freeRiders.has(node) ? 0 : slots,
      uploadRate,
    })
  }

  #note(time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event === 'duplicate' || event === 'unrequested') this.#wasted++
    if (event === 'complete') this.#complete.add(node)
    if (event !== 'piece') return
    const giver = this.simulation.addresses.nodeOf((detail as { readonly peer: never }).peer)
    const from = this.#from[node]!
    from.set(giver, (from.get(giver) ?? 0) + 1)
    if (giver === server) this.#fromServer++
    this.#pieces++
    this.#received.note(time, this.#pieces / (this.#values.pieces * (this.#values.size - 1)))
  }

  #pieceSet(node: number) {
    const protocol = this.#nodes[node]
    return protocol === undefined || protocol instanceof FileServer ? undefined : protocol.pieces
  }

  /** Kurose and Ross, "Computer Networking", section 2.5; in bytes and seconds. */
  get #distribution() {
    const { size, pieces, serverUpload, peerDownload } = this.#values
    return {
      fileSize: pieces * pieceBytes(this.#values),
      peers: size - 1,
      serverUpload: serverUpload * kibibyte,
      slowestDownload: peerDownload * kibibyte,
    }
  }
}

function pieceBytes({ pieceLength }: Values): number {
  return Math.round(pieceLength * kibibyte)
}

function ridersAmong({ size, freeRiders, peerUpload }: Values): number {
  return peerUpload === 0 ? size - 1 : Math.round(freeRiders * (size - 1))
}

/** Of all peers that upload, or would in a swarm, in bytes a second: Σu_i. */
function uploadOfAll(values: Values): number {
  return (values.size - 1 - ridersAmong(values)) * values.peerUpload * kibibyte
}

/** Who uploads nothing still asks for pieces: its requests take no time. */
function lineOf(upload: number): number {
  return upload === 0 ? Infinity : upload * kibibyte
}
