import type { Data, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Observer } from '../core/observer.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { BlockPropagation } from '../protocols/block-propagation/block-propagation.ts'
import type { BlockMessage } from '../protocols/block-propagation/messages.ts'
import { blockLatency, blockTopology, hashShares, regionName, remoteNodes } from './block-network.ts'
import { BlockRace, type MinedBlock } from './block-race.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { faultActions, Faults } from './fault-actions.ts'
import { nodeParameter } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'

const parameters = {
  size: { type: 'integer', min: 4, max: 500, default: 40, label: 'size', unit: 'nodes' },
  degree: { type: 'integer', min: 2, max: 32, default: 6, label: 'neighbors of a node (mean)', unit: 'nodes' },
  blockSize: { type: 'number', min: 0, max: 32_000, default: 250, label: 'block size', unit: 'kB' },
  interval: { type: 'number', min: 100, max: 3_600_000, default: 5000, label: 'mean time between blocks', unit: 'ms' },
  relay: {
    type: 'choice',
    options: ['block', 'compact', 'compact-high-bandwidth'],
    default: 'block',
    label: 'what is sent',
  },
  bandwidth: { type: 'number', min: 0.1, max: 100_000, default: 20, label: 'line of a node, each way', unit: 'Mbit/s' },
  remoteNodes: { type: 'number', min: 0, max: 0.9, default: 0.25, label: 'share of the nodes that are far away' },
  remoteHash: { type: 'number', min: 0.01, max: 0.99, default: 0.2, label: 'share of the hash power far away' },
  miners: { type: 'integer', min: 1, max: 100, default: 6, label: 'miners here', unit: 'nodes' },
  remoteMiners: { type: 'integer', min: 1, max: 100, default: 2, label: 'miners far away', unit: 'nodes' },
  bridges: { type: 'integer', min: 0, max: 100, default: 2, label: 'links between here and far away', unit: 'links' },
  validation: { type: 'number', min: 0, max: 60_000, default: 200, label: 'validation of 1 MB', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 360_000_000, default: 600_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * Most miners are near each other, a few are far away: while a block is on its way, the other side searches on for one of
 * the same height, and of two chains the one with more hash power behind it is longer soon. Beside the measured rate of
 * forks stands that of Decker and Wattenhofer, "Information propagation in the Bitcoin network", 2013, section 4:
 * 1 - (1 - P)^∫(1 - f(t))dt, where P is the chance of a block in a second and f(t) the share of the network that has the
 * new one; here the share of the hash power, as measured in the run so far. Blocks come faster than Bitcoin's, so that a
 * few minutes show what takes days there: what counts is the time that they travel, in intervals.
 */
export const blockPropagation = defineScenario({
  id: 'block-propagation',
  title: 'Block propagation',
  summary: 'Larger blocks travel longer, and who is far from most miners finds out last: whose blocks are lost?',
  parameters,
  actions: {
    mine: {
      label: 'find a block here',
      parameters: {
        node: nodeParameter('miner'),
        kilobytes: { type: 'integer', min: 0, max: 32_000, default: 250, label: 'block size', unit: 'kB' },
      },
    },
    ...faultActions,
  },
  states: [
    { id: 'waiting', label: 'has no block yet', tone: 'idle' },
    { id: 'odd', label: 'has the first block of an odd height', tone: 'a' },
    { id: 'even', label: 'has the first block of an even height', tone: 'c' },
    { id: 'rival', label: 'has a rival of the first block', tone: 'b' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'forkRate', unit: 'share', label: 'heights with several blocks' },
    { name: 'expected', unit: 'share', label: 'the same by the formula' },
    { name: 'remoteLost', unit: 'share', label: 'lost blocks of miners far away' },
    { name: 'nearLost', unit: 'share', label: 'lost blocks of miners here' },
    { name: 'remoteReward', unit: 'share', label: 'blocks of the chain from far away' },
    { name: 'blocks', unit: 'blocks', label: 'blocks found' },
    { name: 'lost', unit: 'blocks', label: 'blocks lost' },
    { name: 'depth', unit: 'blocks', label: 'deepest reorganization' },
    { name: 'time50', unit: 'ms', label: 'mean time to 50 %' },
    { name: 'time95', unit: 'ms', label: 'mean time to 95 %' },
    { name: 'megabytes', unit: 'MB', label: 'sent by all nodes' },
  ],
  presentation: {
    headline: 'forkRate',
    costs: ['remoteLost', 'nearLost', 'time95'],
    controls: ['blockSize', 'relay'],
    click: 'mine',
    doubleClick: 'crash',
    messages: [
      { type: 'inv', label: 'inv: I have this block', tone: 'c' },
      { type: 'getdata', label: 'getdata: send it', tone: 'd' },
      { type: 'block', label: 'block', tone: 'a' },
      { type: 'cmpctblock', label: 'compact block', tone: 'a' },
      { type: 'getblocktxn', label: 'getblocktxn: I lack these', tone: 'd' },
      { type: 'blocktxn', label: 'blocktxn: here they are', tone: 'a' },
      { type: 'sendcmpct', label: 'sendcmpct: compact blocks, please', tone: 'idle' },
    ],
    marks: [
      { report: 'stale', label: 'stale', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("block-propagation runs its own protocol only; it has no lab's")
    return new BlockPropagationWorld(parameters, seed, observers, foldPayloads)
  },
})

class BlockPropagationWorld implements World {
  readonly simulation: Simulation
  readonly #nodes: BlockPropagation[] = []
  readonly #race: BlockRace
  readonly #shares: readonly number[]
  readonly #isRemote: readonly boolean[]
  readonly #faults: Faults

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { interval, relay, validation } = values
    const blockSize = Math.round(values.blockSize * 1000)
    const bytesPerSecond = values.bandwidth * 125_000
    this.#shares = hashShares(values, seed)
    this.#isRemote = remoteNodes(values)
    this.#race = new BlockRace({ shares: this.#shares, interval, tipOf: (node) => this.#nodes[node]!.tip.id })
    const simulation = new Simulation({
      seed,
      topology: blockTopology(values, seed),
      latency: blockLatency(values),
      bandwidth: () => ({ up: bytesPerSecond, down: bytesPerSecond }),
      protocol: (host, node) => {
        const share = this.#shares[node]!
        const mining = share > 0 ? { mining: { share, interval } } : {}
        const options = { relay, blockSize, validationPerMegabyte: validation, ...mining }
        this.#nodes[node] = new BlockPropagation(host as unknown as Host<BlockMessage>, options)
        return this.#nodes[node] as unknown as Protocol<never, never>
      },
      foldPayloads,
    })
    this.simulation = simulation
    this.#faults = new Faults(simulation)
    if (values.loss > 0) simulation.addRule(loss(values.loss))
    for (const observer of [...observers, this.#race]) simulation.observe(observer)
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node, kilobytes } = values as Record<string, number>
    if (action === 'mine') this.simulation.command(node!, { type: 'mine', size: kilobytes! * 1000 } as Message)
    else this.#faults.perform(action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { simulation } = this
    const forks = [...this.#race.forks()]
    const { settled, lost, onChain } = this.#settled()
    const isRemote = ({ node }: MinedBlock): boolean => this.#isRemote[node]!
    const isNear = (block: MinedBlock): boolean => !isRemote(block)
    let bytes = 0
    for (let node = 0; node < simulation.size; node++) bytes += simulation.bytes(node).sent
    return {
      forkRate: ratio(forks.filter(({ isForked }) => isForked).length, forks.length),
      expected: ratio(
        forks.reduce((sum, { expected }) => sum + expected, 0),
        forks.length,
      ),
      remoteLost: ratio(lost.filter(isRemote).length, settled.filter(isRemote).length),
      nearLost: ratio(lost.filter(isNear).length, settled.filter(isNear).length),
      remoteReward: ratio(onChain.filter(isRemote).length, onChain.length),
      blocks: this.#race.blocks.size,
      lost: lost.length,
      depth: this.#race.deepest,
      time50: this.#race.time50,
      time95: this.#race.time95,
      megabytes: bytes / 1e6,
    }
  }

  /** By the node's own chain alone: a picture of it is never out of date. */
  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    const { id, header } = this.#nodes[node]!.tip
    if (header.height === 0) return 'waiting'
    if (this.#race.blocks.get(id)?.isRival === true) return 'rival'
    return header.height % 2 === 1 ? 'odd' : 'even'
  }

  /** Its chain, and what became of the blocks that it has found. */
  inspect(node: number): Data {
    const tip = this.#nodes[node]?.tip
    const { settled, lost } = this.#settled()
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      region: regionName(this.#isRemote[node]!),
      isRemote: this.#isRemote[node]!,
      hashPower: this.#shares[node]!,
      bytes: { ...this.simulation.bytes(node) },
      tip: tip === undefined ? null : { id: tip.id, height: tip.header.height },
      chain: [...this.#race.chainOf(tip?.id ?? '')].slice(0, 16).map((each) => {
        const block = this.#race.blocks.get(each)!
        return { id: each, height: block.height, miner: block.node, isRival: block.isRival }
      }),
      mined: [...this.#race.blocks.values()]
        .filter((block) => block.node === node)
        .slice(-64)
        .map((block) => ({
          id: block.id,
          height: block.height,
          at: block.time,
          fate: lost.includes(block) ? 'lost' : settled.includes(block) ? 'on the chain' : 'open',
        })),
    }
  }

  /** The rate of forks after each height that all miners have reached, beside the formula's for the same heights. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const measured: [x: number, y: number][] = []
    const formula: [x: number, y: number][] = []
    let [heights, forked, expected] = [0, 0, 0]
    for (const fork of this.#race.forks()) {
      heights++
      if (fork.isForked) forked++
      expected += fork.expected
      measured.push([fork.time, forked / heights])
      formula.push([fork.time, expected / heights])
    }
    return {
      measured: { label: 'heights with several blocks', points: thinned(measured, points) },
      formula: heights === 0 ? null : { label: 'Decker and Wattenhofer', points: thinned(formula, points) },
    }
  }

  isOver(): boolean {
    return false // mining goes on for ever: the duration ends it
  }

  /** Blocks under the end of the chain that most hash power is on; what grows at its end is still open. */
  #settled(): { readonly settled: MinedBlock[]; readonly lost: MinedBlock[]; readonly onChain: MinedBlock[] } {
    const tip = this.#mainTip()
    const chain = this.#race.chainOf(tip)
    const height = this.#race.blocks.get(tip)?.height ?? 0
    const settled = [...this.#race.blocks.values()].filter((block) => block.height < height)
    const onChain = settled.filter(({ id }) => chain.has(id))
    return { settled, lost: settled.filter(({ id }) => !chain.has(id)), onChain }
  }

  /** The end of the chain with the most hash power; of equals the one that the node with the lowest number is on. */
  #mainTip(): string {
    const power = new Map<string, number>()
    for (const [node, { tip }] of this.#nodes.entries()) {
      if (this.simulation.isUp(node)) power.set(tip.id, (power.get(tip.id) ?? 0) + this.#shares[node]!)
    }
    let [best, most] = ['', -1]
    for (const [id, share] of power) if (share > most + 1e-9) [best, most] = [id, share]
    return best
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

/** At most so many of the points, the last one among them. */
function thinned<T>(all: readonly T[], points: number): readonly T[] {
  if (all.length <= points) return all
  return Array.from({ length: points }, (_, i) => all[Math.round((i * (all.length - 1)) / (points - 1))]!)
}
