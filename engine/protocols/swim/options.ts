import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Millis } from '../../core/time.ts'
import type { PacemakerOptions } from '../../layers/pacemaker.ts'

/** The period is the paper's T′, at least three round trips. */
export interface SwimOptions extends PacemakerOptions {
  /** How long a direct answer may take, up to a period. Default: a third of the period. */
  readonly timeout?: Millis
  /** The paper's k: members asked to ping on one's behalf, 0 to 100. Default 3, as in memberlist. */
  readonly helpers?: number
  /** A suspect may take this many times ⌈ln(n + 1)⌉ periods to deny it; 0 = it has failed at once. Default 3. */
  readonly suspicion?: number
  /** The paper's λ: a piece of news is told this many times ⌈ln(n + 1)⌉ times. Default 3, as in the paper. */
  readonly lambda?: number
  /** Pieces of news in a packet, 1 to 100. Default 30, about what 1,400 bytes hold: with few, denials come too late. */
  readonly maxUpdates?: number
  /** Whom to ping: each member once a pass, every pass in another order (the default), or anybody each time. */
  readonly choice?: 'round-robin' | 'random'
  /** Members remembered at most, 1 to 100,000, since a liar can invent any number. Default 10,000. */
  readonly maxMembers?: number
}

/** Throws a RangeError for what is out of range. */
export function withDefaults(options: SwimOptions): Required<SwimOptions> {
  const { period, timing, timeout = period / 3, helpers = 3, suspicion = 3, lambda = 3 } = options
  const { maxUpdates = 30, choice = 'round-robin', maxMembers = 10_000 } = options
  checkNumber('timeout', timeout, { min: 0, max: period })
  checkInteger('helpers', helpers, { min: 0, max: 100 })
  checkNumber('suspicion', suspicion, { min: 0, max: 1e6 })
  checkNumber('lambda', lambda, { min: 0, max: 1e6 })
  checkInteger('maxUpdates', maxUpdates, { min: 1, max: 100 })
  checkInteger('maxMembers', maxMembers, { min: 1, max: 100_000 })
  return { period, timing, timeout, helpers, suspicion, lambda, maxUpdates, choice, maxMembers }
}
