import type { Data } from './data.ts'
import type { Host, Protocol } from './host.ts'

/** Which node a substitute is made for. */
export interface SubstituteSetup {
  readonly seed: number
  readonly node: number
  /** How often the node has restarted. */
  readonly incarnation: number
  /** What the scenario's own protocol would be constructed with. */
  readonly options: Data
}

/** Makes a protocol instance: the student's, where a lab runs in the place of the scenario's own. */
export type SubstituteProtocol = (host: Host<never>, setup: SubstituteSetup) => Protocol<never, never>
