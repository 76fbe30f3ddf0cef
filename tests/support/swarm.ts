import {
  complete,
  constantLatency,
  metainfoOf,
  PieceExchange,
  randomFile,
  Simulation,
  type Bandwidth,
  type Data,
  type GivenPieces,
  type Host,
  type LatencyModel,
  type Message,
  type Metainfo,
  type PieceExchangeOptions,
  type PieceMessage,
  type SimulationOptions,
  type Topology,
} from '@peerlab/engine'

export interface SwarmReport {
  readonly time: number
  readonly node: number
  readonly event: string
  readonly detail: { readonly [key: string]: Data }
}

export interface SwarmSetup {
  readonly seed?: number
  /** Default: `size` nodes that all know each other. */
  readonly topology?: Topology
  readonly size?: number
  /** Default: 20 pieces of 100 bytes. */
  readonly pieces?: number
  readonly pieceLength?: number
  /** Default: made of the two. */
  readonly file?: readonly Uint8Array[]
  /** The nodes that begin with the whole file. Default: node 0. */
  readonly seeds?: readonly number[]
  readonly options?:
    Partial<PieceExchangeOptions> | ((node: number, file: GivenPieces) => Partial<PieceExchangeOptions>)
  /** Default: 10 ms on every link. */
  readonly latency?: LatencyModel
  readonly bandwidth?: (node: number) => Bandwidth
  /** Nodes that do something else. */
  readonly otherNodes?: readonly number[]
  readonly others?: (metainfo: Metainfo) => SimulationOptions['protocol']
}

/** A network of PieceExchange nodes around one file, with all that they report. */
export class SwarmNetwork {
  readonly simulation: Simulation
  readonly file: readonly Uint8Array[]
  readonly metainfo: Metainfo
  /** Of each node the instance that runs, or ran last. */
  readonly nodes: PieceExchange[] = []
  readonly #hosts: Host<never>[] = []
  readonly reports: SwarmReport[] = []
  readonly sent: {
    readonly time: number
    readonly from: number
    readonly to: number
    readonly message: PieceMessage
  }[] = []

  constructor(setup: SwarmSetup = {}) {
    const { seed = 1, size = 6, pieces = 20, pieceLength = 100, seeds = [0], options = {} } = setup
    const { otherNodes = [], others, latency = constantLatency(10), topology = complete(size), bandwidth } = setup
    this.file = setup.file ?? randomFile({ seed, pieceLength, pieces })
    this.metainfo = metainfoOf(this.file)
    const other = others?.(this.metainfo)
    this.simulation = new Simulation({
      seed,
      topology,
      latency,
      ...(bandwidth && { bandwidth }),
      protocol: (host, node, incarnation) => {
        this.#hosts[node] = host
        if (otherNodes.includes(node)) return other!(host, node, incarnation)
        this.nodes[node] = new PieceExchange(host as unknown as Host<PieceMessage>, {
          metainfo: this.metainfo,
          ...(seeds.includes(node) && { pieces: this.file }),
          ...(typeof options === 'function' ? options(node, this.file) : options),
        })
        return this.nodes[node] as never
      },
    })
    this.simulation.observe({
      onSend: (time, from, to, message) => void this.sent.push({ time, from, to, message: message as PieceMessage }),
      onReport: (time, node, event, detail) => {
        this.reports.push({ time, node, event, detail: detail as SwarmReport['detail'] })
      },
    })
    this.simulation.runUntil(0)
  }

  /** Runs on, to that time. */
  runUntil(time: number): this {
    this.simulation.runUntil(time)
    return this
  }

  storageOf(node: number): Host['storage'] {
    return this.#hosts[node]!.storage
  }

  inject(from: number, to: number, message: Message): this {
    this.simulation.inject(from, to, message)
    return this
  }

  reported(event: string, node?: number): SwarmReport[] {
    return this.reports.filter((report) => report.event === event && (node === undefined || report.node === node))
  }

  sentOf<T extends PieceMessage['type']>(type: T): (typeof this.sent)[number][] {
    return this.sent.filter(({ message }) => message.type === type)
  }

  /** How many pieces each node has. */
  get counts(): number[] {
    return this.nodes.map(({ pieces }) => pieces.count)
  }

  /** Whether all PieceExchange nodes have all pieces, byte for byte. */
  get isDone(): boolean {
    return this.nodes.every((node) => this.file.every((data, piece) => isSame(node.data(piece), data)))
  }
}

export function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i])
}
