import type { Data, Host, LatencyModel, Protocol, Topology } from '@peerlab/engine'
import type { Property } from '../../tests/contracts/judge.ts'
import { WrongUse } from '../failure.ts'
import { liveGossip } from './live-gossip.ts'

export type Values = { readonly [name: string]: Data }

/**
 * What a scenario needs to run on real connections beside what its simulated run tells anyway: the graph and the
 * commands. The same protocol as in the scenario, and what must hold of it whatever the machine does.
 */
export interface LiveForm {
  /** The scenario's id. */
  readonly scenario: string
  /** Makes a node's protocol, as the scenario does. */
  protocol(values: Values): (host: Host<never>) => Protocol<never, never>
  /** What a lab's protocol is constructed with in the scenario's place. */
  options(values: Values): Data
  /** The latency of the scenario's links. */
  latency(values: Values): LatencyModel
  /** Whether packets must take that long even if nobody asked for it, because the protocol counts on it. */
  needsLatency(values: Values): boolean
  /** What must hold in every live run with these values on this graph. */
  properties(values: Values, topology: Topology): readonly Property[]
}

const forms: readonly LiveForm[] = [liveGossip]

/** The live form of a scenario that is there. */
export function liveFormOf(scenario: string): LiveForm {
  const found = forms.find((form) => form.scenario === scenario)
  if (found !== undefined) return found
  const others = forms.map((form) => form.scenario).join(', ')
  throw new WrongUse(
    `${scenario} has no form on real connections yet; there is one for ${others}.`,
    `In the simulator: npx peerlab run ${scenario} --seed 7`,
  )
}
