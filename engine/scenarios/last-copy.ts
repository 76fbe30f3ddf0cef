import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { replicationAvailability } from '../measures/formulas.ts'
import { History } from '../measures/history.ts'
import { metainfoOf, randomFile } from '../protocols/piece-exchange/metainfo.ts'
import { PieceExchange } from '../protocols/piece-exchange/piece-exchange.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { kibibyte, missingFrom, peersOf, swarmMarks, swarmMessages, swarmTopology } from './swarm-parts.ts'

/** Node 0 once had the whole file, and is gone. */
const origin = 0

const parameters = {
  size: { type: 'integer', min: 3, max: 150, default: 25, label: 'size: the origin and the peers', unit: 'nodes' },
  gaps: { type: 'choice', options: ['same', 'scattered', 'random'], default: 'same', label: 'what is missing' },
  missing: { type: 'integer', min: 0, max: 32, default: 1, label: 'pieces that each lacks', unit: 'pieces' },
  copies: { type: 'integer', min: 0, max: 150, default: 0, label: 'peers that lack nothing', unit: 'nodes' },
  pieces: { type: 'integer', min: 1, max: 500, default: 32, label: 'pieces of the file', unit: 'pieces' },
  pieceLength: { type: 'number', min: 1, max: 900, default: 16, label: 'length of a piece', unit: 'KiB' },
  upload: { type: 'number', min: 1, max: 10_000, default: 16, label: 'upload of a node', unit: 'KiB/s' },
  neighbors: { type: 'integer', min: 0, max: 100, default: 8, label: 'peers that a peer knows', unit: 'nodes' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 36_000_000, default: 60_000, label: 'ends at the latest', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * What a swarm without its seed can do: each peer comes as far as the union of what is up. BitTorrent's clients call the
 * copies of the rarest piece the availability. Cohen, "Incentives build robustness in BitTorrent", 2003, section 2.4, on
 * why what only one peer has must be copied first.
 */
export const lastCopy = defineScenario({
  id: 'last-copy',
  title: 'The last copy',
  summary: 'The origin is gone and everybody has 97 % of the file: do they get the rest from each other?',
  parameters,
  actions: nodeActions,
  states: [
    { id: 'incomplete', label: 'lacks something', tone: 'c' },
    { id: 'complete', label: 'has the whole file', tone: 'a' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'held', unit: 'share', label: 'of the file at a peer' },
    { name: 'complete', unit: 'nodes', label: 'nodes that are up and have the whole file' },
    { name: 'union', unit: 'share', label: 'of the file on all nodes that are up, together' },
    { name: 'predicted', unit: 'share', label: 'of the file on all peers, as drawn: 1-(missing/pieces)^peers' },
    { name: 'rarest', unit: 'nodes', label: 'copies of the rarest piece' },
    { name: 'time', unit: 'ms', label: 'time until all peers have it' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'held',
    costs: ['complete', 'rarest'],
    controls: ['gaps', 'missing'],
    click: 'restart',
    doubleClick: 'crash',
    messages: swarmMessages,
    marks: swarmMarks,
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("last-copy runs its own protocols only; it has no lab's")
    return new LastCopyWorld(parameters, seed, observers, foldPayloads)
  },
})

class LastCopyWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  /** The pieces that each node lacks at the start. */
  readonly #gaps: readonly ReadonlySet<number>[]
  /** What runs at each node; nothing where the origin is gone. */
  readonly #nodes: (PieceExchange | undefined)[] = []
  readonly #held = new History()
  readonly #union = new History()
  /** On how many nodes that are up each piece is. */
  #copies: number[] = []
  /** Pieces on all peers together, whether up or down. */
  #pieces = 0
  #time: Millis = 0
  /** Whether nodes came or went, so that all has to be counted anew; or whether only a piece was got. */
  #isStale = true
  #hasMore = false

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, pieces, pieceLength, upload, neighbors, latency } = values
    this.#values = values
    this.#gaps = drawGaps(values, seed)
    const file = randomFile({ seed, pieces, pieceLength: Math.round(pieceLength * kibibyte) })
    const metainfo = metainfoOf(file)
    const uploadRate = upload * kibibyte
    this.simulation = new Simulation({
      seed,
      topology: swarmTopology(size, neighbors, deriveStream(seed, 'topology')),
      protocol: (host, node, incarnation) => {
        this.#nodes[node] = undefined
        // From the start it is somebody who says nothing; restarted it is the one who has it all.
        if (node === origin && incarnation === 0) return nobody
        const given = file.map((data, piece) => (this.#gaps[node]!.has(piece) ? undefined : data))
        const protocol = new PieceExchange(host, { metainfo, pieces: given, uploadRate })
        this.#nodes[node] = protocol
        return protocol as Protocol<never, never>
      },
      bandwidth: () => ({ up: uploadRate, down: Infinity }),
      latency: uniformLatency(latency / 2, latency * 1.5),
      foldPayloads,
    })
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onEvent: (_number, time, kind) => this.#onEvent(time, kind),
      onReport: (_time, node, event, detail) => this.#onReport(node, event, detail),
    })
    this.simulation.schedule(0, 'the origin is gone', () => void this.simulation.crash(origin))
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    this.#settle()
    const { size, pieces, gaps, missing, copies } = this.#values
    const up = this.#up
    const drawn = size - 1 - Math.min(copies, size - 1)
    const isDrawn = gaps === 'random' && copies === 0
    return {
      held: this.#held.latest ?? null,
      complete: up.filter((node) => this.#nodes[node]!.pieces.isComplete).length,
      union: this.#union.latest ?? null,
      predicted: isDrawn ? replicationAvailability(drawn, 1 - Math.min(missing, pieces) / pieces) : null,
      rarest: up.length === 0 ? null : Math.min(...this.#copies),
      time: this.#held.timeToReach(1),
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    return this.#nodes[node]?.pieces.isComplete === true ? 'complete' : 'incomplete'
  }

  inspect(node: number): Data {
    this.#settle()
    const protocol = this.simulation.isUp(node) ? this.#nodes[node] : undefined
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      lacked: [...this.#gaps[node]!],
      missing: protocol === undefined ? [] : missingFrom(protocol.pieces),
      copies: [...this.#copies],
      peers: peersOf(protocol, this.simulation.addresses),
    }
  }

  /** Nobody can be given what nobody has: the union of all that is up is as far as anybody comes. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    this.#settle()
    return {
      measured: { label: 'held', points: this.#held.points(points, this.#time) },
      formula: { label: 'the union of what is up', points: this.#union.points(points, this.#time) },
    }
  }

  /** Keep-alives go on for ever; it is over when all peers have the file. */
  isOver(): boolean {
    this.#settle()
    return this.#held.latest === 1
  }

  get #up(): number[] {
    return this.#nodes.flatMap((protocol, node) => (protocol !== undefined && this.simulation.isUp(node) ? [node] : []))
  }

  #onEvent(time: Millis, kind: EventKind): void {
    this.#settle()
    this.#time = time
    this.#isStale ||= kind === 'start' || kind === 'restart' || kind === 'crash'
  }

  #onReport(node: number, event: string, detail: Data | undefined): void {
    if (event !== 'piece') return
    this.#hasMore = true
    this.#copies[(detail as { readonly piece: number }).piece]!++
    if (node !== origin) this.#pieces++
  }

  /** After the last event: notes what has changed. A peer that is down holds what it held. */
  #settle(): void {
    const { size, pieces } = this.#values
    if (!(this.#isStale || this.#hasMore) || this.#nodes.length < size) return
    if (this.#isStale) this.#countAnew()
    this.#isStale = false
    this.#hasMore = false
    this.#held.note(this.#time, this.#pieces / (pieces * (size - 1)))
    this.#union.note(this.#time, this.#copies.filter((count) => count > 0).length / pieces)
  }

  #countAnew(): void {
    const copies = new Array<number>(this.#values.pieces).fill(0)
    for (const node of this.#up) {
      const { pieces } = this.#nodes[node]!
      for (let piece = 0; piece < pieces.size; piece++) if (pieces.has(piece)) copies[piece]!++
    }
    this.#copies = copies
    this.#pieces = this.#nodes.reduce((sum, node, i) => sum + (i === origin ? 0 : node!.pieces.count), 0)
  }
}

const nobody: Protocol<never, never> = { onMessage: () => undefined }

/**
 * What each node lacks at the start: everybody the same pieces; or each others than its neighbors in number, so that
 * every piece is with nearly everybody; or pieces that are drawn for each on its own. The origin lacks nothing, nor do
 * the first `copies` of the others, in an order that is drawn.
 */
function drawGaps({ size, gaps, missing, copies, pieces }: Values, seed: number): readonly ReadonlySet<number>[] {
  if (missing > pieces) throw new RangeError(`missing is ${missing} of ${pieces} pieces; take at most all of them`)
  const all = Array.from({ length: pieces }, (_, piece) => piece)
  const order = deriveStream(seed, 'gaps').shuffle(all)
  const peers = deriveStream(seed, 'copies').shuffle(Array.from({ length: size - 1 }, (_, i) => i + 1))
  const whole = new Set([origin, ...peers.slice(0, copies)])
  return Array.from({ length: size }, (_, node) => {
    if (whole.has(node)) return new Set<number>()
    if (gaps === 'random') return new Set(deriveStream(seed, 'gap', node).sample(all, missing))
    const first = gaps === 'same' ? 0 : node * missing
    return new Set(Array.from({ length: missing }, (_, i) => order[(first + i) % pieces]!))
  })
}
