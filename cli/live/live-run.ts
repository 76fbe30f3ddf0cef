import {
  Run,
  type Command,
  type Host,
  type Millis,
  type Protocol,
  type ProtocolError,
  type RunSpec,
  type SubstituteProtocol,
} from '@peerlab/engine'
import { checkRun, type LiveCheck } from './live-checks.ts'
import { liveFormOf } from './live-form.ts'
import { LiveLoop } from './live-loop.ts'
import { linksOf } from './links.ts'
import type { LiveNetwork, LiveStep } from './live-network.ts'
import { checkSize } from './limits.ts'
import { LiveRecord } from './live-record.ts'
import { freePorts } from './ports.ts'

/** Why a live run ended: nothing left to do, all know all, its time was up, or there was no end to the messages. */
export type EndReason = 'idle' | 'over' | 'time' | 'storm'

export interface LiveOptions {
  readonly spec: RunSpec
  /** Loads the lab's protocol, anew for each run; needed when the spec names a lab. */
  readonly loadSubstitute?: (() => Promise<SubstituteProtocol>) | undefined
  /** Gives the run up: all is closed before the promise rejects. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: LiveProgress) => void) | undefined
  /** As many messages end a run that does not end. Default 200,000. */
  readonly maxMessages?: number | undefined
}

export type LiveProgress =
  | { readonly step: 'connected'; readonly nodes: number; readonly connections: number }
  | { readonly step: LiveStep; readonly done: number; readonly all: number }
  | { readonly step: 'running'; readonly informed: number; readonly all: number; readonly time: Millis }

/** How long messages took, in ms. */
export interface Latency {
  readonly mean: Millis
  readonly least: Millis
  readonly most: Millis
}

export interface LiveResult {
  /** The run in the simulator: the same graph, publishers and parameters, and the latency that was measured. */
  readonly simulated: Run
  readonly record: LiveRecord
  readonly reason: EndReason
  /** Of messages, those that were lost among them. */
  readonly sent: number
  readonly refused: LiveNetwork['refused']
  readonly connections: number
  readonly ports: readonly number[]
  /** Null where no message arrived. */
  readonly latency: Latency | null
  /** Whether messages were held back, as the parameter `latency` says; otherwise they took what loopback takes. */
  readonly isHeld: boolean
  readonly checks: readonly LiveCheck[]
}

/** A simulated run with more events than this is too much for the sockets of one process. */
export const maxEvents = 100_000

/** The simulated run is too long to be made on real connections. */
export class TooManyEvents extends Error {
  override readonly name = 'TooManyEvents'
}

/** A command that the scenario gives to a node. */
interface Order {
  readonly time: Millis
  readonly node: number
  readonly command: Command
}

/**
 * Runs a scenario's protocol on real connections, and then in the simulator, with the latency that was measured. The
 * graph, the publishers and the nodes' random streams are those of the simulated run. All sockets are closed when the
 * promise settles, however it does.
 */
export async function runLive(options: LiveOptions): Promise<LiveResult> {
  const { spec, loadSubstitute, signal, onProgress, maxMessages = 2 * maxEvents } = options
  const form = liveFormOf(spec.scenario)
  const orders: Order[] = []
  const planned = await simulate(spec, loadSubstitute, orders)
  const { parameters, session } = planned.run
  const { topology, addresses } = session.simulation
  const links = linksOf(topology)
  checkSize(topology.size, links.length)
  const isHeld = form.needsLatency(parameters) || spec.parameters?.['latency'] !== undefined
  // Takes a while to load, and mistakes are to be answered at once.
  const { LiveNetwork } = await import('./live-network.ts')
  const loop = new LiveLoop()
  const network = new LiveNetwork({
    loop,
    seed: spec.seed,
    topology,
    addresses,
    loss: parameters['loss'] as number,
    latency: isHeld ? form.latency(parameters) : undefined,
  })
  const record = new LiveRecord(topology.size)
  loop.observers.push(record)
  const make = await protocolMaker(spec, form.protocol(parameters), form.options(parameters), loadSubstitute)
  const stop = (): void => void network.stop().catch(() => {}) // awaited below
  signal?.throwIfAborted()
  signal?.addEventListener('abort', stop)
  let ports: readonly number[] = []
  let reason: EndReason
  try {
    await network.start((step, done, all) => onProgress?.({ step, done, all }))
    ports = network.ports
    onProgress?.({ step: 'connected', nodes: topology.size, connections: links.length })
    for (const host of network.hosts) host.start(make)
    reason = await toTheEnd({
      loop,
      network,
      record,
      orders,
      endsWhenAllKnow: planned.reason === 'over',
      duration: parameters['duration'] as number,
      maxMessages,
      signal,
      onProgress,
    })
  } catch (error) {
    signal?.throwIfAborted() // what was given up fails in many ways
    throw error
  } finally {
    await network.stop()
    signal?.removeEventListener('abort', stop)
  }
  const latency = latencyOf(record.latencies)
  const measured = isHeld || latency === null ? {} : asParameters(record.latencies, latency)
  const again = await simulate({ ...spec, parameters: { ...spec.parameters, ...measured } }, loadSubstitute)
  const { refused, sent } = network
  return {
    simulated: again.run,
    record,
    reason,
    sent,
    refused,
    connections: links.length,
    ports,
    latency,
    isHeld,
    checks: checkRun({
      properties: form.properties(parameters, topology),
      evidence: record.evidence(again.run),
      refused,
      sent,
      maxMessages,
      free: await freePorts(ports),
      ports,
    }),
  }
}

async function simulate(
  spec: RunSpec,
  loadSubstitute: LiveOptions['loadSubstitute'],
  orders: Order[] = [],
): Promise<{ readonly run: Run; readonly reason: ReturnType<Run['finish']> }> {
  const substitute = await loadSubstitute?.()
  const watcher = {
    onEvent: (_number: number, time: Millis, kind: string, node: number, _peer: number, subject: unknown) => {
      if (kind === 'command') orders.push({ time, node, command: subject as Command })
    },
  }
  const run = new Run(spec, { substitute, observe: () => [watcher] })
  const reason = run.finish({ maxEvents })
  if (reason === 'events') throw new TooManyEvents(`the simulated run has more than ${maxEvents} events`)
  return { run, reason }
}

/** How a node's protocol is made: the scenario's own, or the lab's in its place. */
async function protocolMaker(
  { seed, lab }: RunSpec,
  own: (host: Host<never>) => Protocol<never, never>,
  options: Parameters<SubstituteProtocol>[1]['options'],
  loadSubstitute: LiveOptions['loadSubstitute'],
): Promise<(host: Host<never>, node: number) => Protocol<never, never>> {
  if (lab === undefined) return own
  const substitute = await loadSubstitute!()
  return (host, node) => substitute(host, { seed, node, incarnation: 0, options })
}

interface Course {
  readonly loop: LiveLoop
  readonly network: LiveNetwork
  readonly record: LiveRecord
  readonly orders: readonly Order[]
  /** The protocol never falls silent by itself, so the run is over when everybody has the last rumor. */
  readonly endsWhenAllKnow: boolean
  /** Ends at the latest, in ms. */
  readonly duration: Millis
  readonly maxMessages: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: LiveOptions['onProgress']
}

async function toTheEnd(course: Course): Promise<EndReason> {
  const { loop, network, record, orders, endsWhenAllKnow, duration, maxMessages, signal, onProgress } = course
  const { spread } = record
  signal?.throwIfAborted()
  const isOver = (): boolean => endsWhenAllKnow && spread.rumors.size === orders.length && spread.coverage === 1
  return new Promise<EndReason>((resolve, reject) => {
    const limit = setTimeout(() => end(() => resolve('time')), duration)
    const end = (settle: () => void): void => {
      loop.stop()
      clearTimeout(limit)
      signal?.removeEventListener('abort', giveUp)
      settle()
    }
    const giveUp = (): void => end(() => reject(signal!.reason as Error))
    signal?.addEventListener('abort', giveUp)
    loop.onFailure = (error: ProtocolError) => end(() => reject(error))
    loop.onPause = () => {
      if (loop.isStopped) return
      const { coverage, size } = spread
      onProgress?.({ step: 'running', informed: Math.round(coverage * size), all: size, time: loop.now })
      if (isOver()) end(() => resolve('over'))
      else if (network.isIdle) end(() => resolve('idle'))
      else if (network.sent > maxMessages) end(() => resolve('storm'))
    }
    loop.begin()
    for (const { time, node, command } of orders) {
      loop.timers.set(time, () => network.hosts[node]!.command(command))
    }
  })
}

function latencyOf(latencies: readonly Millis[]): Latency | null {
  if (latencies.length === 0) return null
  const mean = latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length
  return { mean, least: Math.min(...latencies), most: Math.max(...latencies) }
}

/** The simulator's latency is uniform: these are the mean and the spread at which it has the measured ones. */
function asParameters(
  latencies: readonly Millis[],
  { mean }: Latency,
): { readonly latency: number; readonly jitter: number } {
  const variance = latencies.reduce((sum, latency) => sum + (latency - mean) ** 2, 0) / latencies.length
  const jitter = mean === 0 ? 0 : Math.min(1, Math.sqrt(3 * variance) / mean)
  return { latency: rounded(mean), jitter: rounded(jitter) }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
