import {
  BlockPropagation,
  constantLatency,
  deriveStream,
  randomRegular,
  Simulation,
  type BlockHeader,
  type BlockMessage,
  type BlockPropagationOptions,
  type Command,
  type Data,
  type Host,
  type LatencyModel,
  type SimulationOptions,
  type Topology,
} from '@peerlab/engine'

export interface SentBlockMessage {
  readonly time: number
  readonly from: number
  readonly to: number
  readonly message: BlockMessage
}

export interface BlockReport {
  readonly time: number
  readonly node: number
  readonly event: string
  readonly detail: { readonly [key: string]: Data }
}

export interface BlockSetup {
  readonly seed?: number
  /** Default: 30 nodes with 4 neighbors each. */
  readonly topology?: Topology
  /** Default: 10 ms on every link. */
  readonly latency?: LatencyModel
  readonly options?: BlockPropagationOptions | ((node: number) => BlockPropagationOptions)
  /** Nodes that do something else. */
  readonly otherNodes?: readonly number[]
  readonly others?: SimulationOptions['protocol']
}

/** A network of BlockPropagation nodes, with everything that they send and report. */
export class BlockNetwork {
  readonly simulation: Simulation
  readonly nodes: (BlockPropagation | undefined)[] = []
  readonly sent: SentBlockMessage[] = []
  readonly reports: BlockReport[] = []

  constructor({ seed = 1, topology, latency, options = {}, otherNodes = [], others }: BlockSetup = {}) {
    this.simulation = new Simulation({
      seed,
      topology: topology ?? randomRegular(30, 4, deriveStream(seed, 'topology')),
      latency: latency ?? constantLatency(10),
      protocol: (host, node, incarnation) => {
        if (otherNodes.includes(node)) return others!(host, node, incarnation)
        const own = typeof options === 'function' ? options(node) : options
        this.nodes[node] = new BlockPropagation(host as unknown as Host<BlockMessage>, own)
        return this.nodes[node] as never
      },
    })
    this.simulation.observe({
      onSend: (time, from, to, message) => void this.sent.push({ time, from, to, message: message as BlockMessage }),
      onReport: (time, node, event, detail) => {
        this.reports.push({ time, node, event, detail: detail as BlockReport['detail'] })
      },
    })
    this.simulation.runUntil(0)
  }

  runUntil(time: number): this {
    this.simulation.runUntil(time)
    return this
  }

  mine(node: number, size?: number): string {
    this.simulation.command(node, { type: 'mine', ...(size === undefined ? {} : { size }) } as Command)
    return this.reported('mined', node).at(-1)!.detail['id'] as string
  }

  inject(from: number, to: number, message: BlockMessage): void {
    this.simulation.inject(from, to, message)
  }

  tip(node: number): { readonly id: string; readonly header: BlockHeader } {
    return this.nodes[node]!.tip
  }

  /** The ids of the tips of all nodes that are up, each once. */
  get tips(): string[] {
    return [...new Set(this.nodes.flatMap((node, i) => (node && this.simulation.isUp(i) ? [node.tip.id] : [])))]
  }

  reported(event: string, node?: number): BlockReport[] {
    return this.reports.filter((report) => report.event === event && (node === undefined || report.node === node))
  }

  /** When a block became part of the node's best chain first; undefined = never. */
  connected(node: number, id: string): number | undefined {
    return this.reported('connected', node).find(({ detail }) => detail['id'] === id)?.time
  }

  sentOf<T extends BlockMessage['type']>(
    type: T,
  ): (SentBlockMessage & { readonly message: BlockMessage & { readonly type: T } })[] {
    return this.sent.filter(({ message }) => message.type === type) as never
  }
}
