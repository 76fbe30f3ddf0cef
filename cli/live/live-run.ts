import type { Millis, Run } from '@peerlab/engine'
import { latencyOf, type Latency } from './latency.ts'
import { checkRun, type LiveCheck } from './live-checks.ts'
import { runCourse, type EndReason } from './live-course.ts'
import { LiveLoop } from './live-loop.ts'
import type { LiveNetwork, LiveStep, Refused } from './live-network.ts'
import { maxEvents, protocolOf, simulate, type LivePlan } from './live-plan.ts'
import { LiveRecord } from './live-record.ts'
import { freePorts } from './ports.ts'

export interface LiveOptions {
  /** Gives the run up: all is closed before the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: LiveProgress) => void) | undefined
  /** As many messages end a run that does not end. Default 200,000. */
  readonly maxMessages?: number | undefined
}

export type LiveProgress =
  | { readonly step: LiveStep; readonly done: number; readonly all: number }
  | { readonly step: 'connected'; readonly nodes: number; readonly connections: number }
  | { readonly step: 'running'; readonly informed: number; readonly all: number; readonly time: Millis }

export interface LiveResult {
  /** The run in the simulator: the same graph, publishers and parameters, and the latency that was measured. */
  readonly simulated: Run
  readonly record: LiveRecord
  readonly reason: EndReason
  /** Of messages, those that were lost among them. */
  readonly sent: number
  readonly refused: readonly Refused[]
  readonly connections: number
  readonly ports: readonly number[]
  /** Of messages while the last rumor spread; null where none arrived. */
  readonly latency: Latency | null
  /** Whether messages were held back, as the parameter `latency` says; otherwise they took what loopback takes. */
  readonly isHeld: boolean
  readonly checks: readonly LiveCheck[]
}

/**
 * Runs a scenario's protocol on real connections, and then in the simulator, with the latency that was measured. The
 * graph, the publishers and the nodes' random streams are those of the simulated run. All sockets are closed when the
 * promise settles, however it does.
 */
export async function runLive(plan: LivePlan, options: LiveOptions = {}): Promise<LiveResult> {
  const { signal, maxMessages = 2 * maxEvents } = options
  const { spec, loadSubstitute, form, run, connections } = plan
  const { parameters, session } = run
  const { topology, addresses } = session.simulation
  // Takes a while to load, and mistakes are to be answered at once.
  const { LiveNetwork } = await import('./live-network.ts')
  const loop = new LiveLoop()
  const record = new LiveRecord(topology.size)
  loop.observers.push(record)
  const network = new LiveNetwork({
    loop,
    seed: spec.seed,
    topology,
    addresses,
    loss: parameters['loss'] as number,
    latency: plan.latency,
  })
  const { reason, ports } = await play({ plan, loop, network, record }, { ...options, maxMessages })
  const latency = latencyOf(record.latencies())
  const isHeld = plan.latency !== undefined
  const measured = isHeld || latency === null ? {} : { latency: latency.mean, jitter: latency.jitter }
  const simulated = await simulate({ ...spec, parameters: { ...spec.parameters, ...measured } }, loadSubstitute)
  const { refused, sent } = network
  signal?.throwIfAborted()
  return {
    simulated: simulated.run,
    record,
    reason,
    sent,
    refused,
    connections,
    ports,
    latency,
    isHeld,
    checks: checkRun({
      properties: form.properties(parameters, topology),
      evidence: record.evidence(simulated.run),
      refused,
      sent,
      maxMessages,
      free: await freePorts(ports),
      ports,
    }),
  }
}

interface Stage {
  readonly plan: LivePlan
  readonly loop: LiveLoop
  readonly network: LiveNetwork
  readonly record: LiveRecord
}

/** From the first socket to the last. */
async function play(
  stage: Stage,
  { signal, onProgress, maxMessages }: LiveOptions & { readonly maxMessages: number },
): Promise<{ readonly reason: EndReason; readonly ports: readonly number[] }> {
  const { plan, network } = stage
  const make = await protocolOf(plan)
  const stop = (): void => void network.stop().catch(() => {}) // awaited below
  signal?.throwIfAborted()
  signal?.addEventListener('abort', stop)
  try {
    await network.start((step, done, all) => onProgress?.({ step, done, all }))
    const { ports } = network
    const all = network.hosts.length
    onProgress?.({ step: 'connected', nodes: all, connections: plan.connections })
    for (const host of network.hosts) host.start(make)
    const onPause = (informed: number, time: Millis): void => onProgress?.({ step: 'running', informed, all, time })
    const reason = await runCourse({ ...stage, maxMessages, signal, onPause })
    return { reason, ports }
  } catch (error) {
    signal?.throwIfAborted() // what was given up fails in many ways
    throw error
  } finally {
    await network.stop()
    signal?.removeEventListener('abort', stop)
  }
}
