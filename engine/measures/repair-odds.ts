import { checkInteger, checkNumber } from '../core/errors.ts'
import { exp, ln, pow } from '../core/exact-math.ts'

/** Objects that are copied and repaired, while nodes leave. All times in one unit. */
export interface RepairSituation {
  /** Copies of an object after each repair, 1 to 100. */
  readonly copies: number
  /** Mean session of a node, over 0. */
  readonly session: number
  /** Time between two repairs; 0 = there is none. */
  readonly interval: number
}

/**
 * The probability that an object is still there after a time, where sessions are exponential and every repair makes all
 * copies good: (1 - (1 - e^(-T/m))^r)^(t/T), and 1 - (1 - e^(-t/m))^r without repair. All r holders must leave within one
 * interval T. Exponential sessions have no memory, so it does not matter how long a holder has been there; as in the
 * birth-death models of replicated storage (Ramabhadran and Pasquale, "Analysis of long-running replicated systems",
 * INFOCOM 2006), but with repairs at fixed times.
 * @param time 0 or more; counts as so many intervals, parts of one included
 */
export function objectSurvival({ copies, session, interval }: RepairSituation, time: number): number {
  checkInteger('copies', copies, { min: 1, max: 100 })
  checkNumber('session', session, { min: Number.MIN_VALUE, max: Number.MAX_VALUE })
  checkNumber('interval', interval, { min: 0, max: Number.MAX_VALUE })
  checkNumber('time', time, { min: 0, max: Number.MAX_VALUE })
  const lostIn = (span: number): number => pow(1 - exp(-Math.min(span / session, 700)), copies)
  if (interval === 0) return 1 - lostIn(time)
  const kept = 1 - lostIn(interval)
  // ln of a power is out of the range of exp where nothing can be left.
  return kept < 1e-300 ? (time > 0 ? 0 : 1) : exp(Math.max((time / interval) * ln(kept), -700))
}
