import {
  Run,
  type Command,
  type Host,
  type LatencyModel,
  type Millis,
  type Protocol,
  type RunSpec,
  type SubstituteProtocol,
} from '@peerlab/engine'
import { checkSize } from './limits.ts'
import { linksOf } from './links.ts'
import { liveFormOf, type LiveForm } from './live-form.ts'

/** Loads a lab's protocol, anew at each call. */
export type LoadSubstitute = () => Promise<SubstituteProtocol>

/** A command that the scenario gives to a node. */
export interface Order {
  readonly time: Millis
  readonly node: number
  readonly command: Command
}

/** What is to be run on real connections: all that the simulated run tells of it. */
export interface LivePlan {
  readonly spec: RunSpec
  readonly loadSubstitute: LoadSubstitute | undefined
  readonly form: LiveForm
  /** The simulated run, over. */
  readonly run: Run
  readonly orders: readonly Order[]
  readonly connections: number
  /** The protocol never falls silent by itself: the run is over when everybody has the last rumor. */
  readonly endsWhenAllKnow: boolean
  /** How long messages are held back; undefined where they take what loopback takes. */
  readonly latency: LatencyModel | undefined
}

/** A simulated run with more events than this is too much for the sockets of one process. */
export const maxEvents = 100_000

/** The simulated run is too long to be made on real connections. */
export class TooManyEvents extends Error {
  override readonly name = 'TooManyEvents'
}

/**
 * Makes the run in the simulator, and refuses what is too large for real connections before any of them is opened.
 *
 * @param loadSubstitute needed when the spec names a lab
 */
export async function planLive(spec: RunSpec, loadSubstitute?: LoadSubstitute): Promise<LivePlan> {
  const form = liveFormOf(spec.scenario)
  const { run, reason, orders } = await simulate(spec, loadSubstitute)
  const { parameters, session } = run
  const { topology } = session.simulation
  const connections = linksOf(topology).length
  checkSize(topology.size, connections)
  const isHeld = form.needsLatency(parameters) || spec.parameters?.['latency'] !== undefined
  return {
    spec,
    loadSubstitute,
    form,
    run,
    orders,
    connections,
    endsWhenAllKnow: reason === 'over',
    latency: isHeld ? form.latency(parameters) : undefined,
  }
}

/** Runs a spec in the simulator to its end. */
export async function simulate(spec: RunSpec, loadSubstitute: LoadSubstitute | undefined) {
  const substitute = await loadSubstitute?.()
  const orders: Order[] = []
  const watcher = {
    onEvent: (_number: number, time: Millis, kind: string, node: number, _peer: number, subject: unknown) => {
      if (kind === 'command') orders.push({ time, node, command: subject as Command })
    },
  }
  const run = new Run(spec, { substitute, observe: () => [watcher] })
  const reason = run.finish({ maxEvents })
  if (reason === 'events') throw new TooManyEvents(`the simulated run has more than ${maxEvents} events`)
  return { run, reason, orders }
}

/** How a node's protocol is made: the scenario's own, or the lab's in its place. */
export async function protocolOf({
  spec: { seed, lab },
  form,
  run: { parameters },
  loadSubstitute,
}: LivePlan): Promise<(host: Host<never>, node: number) => Protocol<never, never>> {
  if (lab === undefined) return form.protocol(parameters)
  const substitute = await loadSubstitute!()
  const options = form.options(parameters)
  return (host, node) => substitute(host, { seed, node, incarnation: 0, options })
}
