/**
 * When a node that spreads a rumor loses interest: the variants of rumor mongering.
 *
 * Demers et al.: "Epidemic algorithms for replicated database maintenance", PODC 1987, section 1.4:
 * - feedback: only contacts that knew the rumor already count; blind: every contact counts
 * - counter: stop after k counted contacts, where a useful one sets the count back to 0; coin: stop with chance 1/k
 */
import { checkInteger } from '../core/errors.ts'
import type { Random } from '../core/random.ts'

export interface StopRuleOptions {
  readonly by: 'counter' | 'coin'
  readonly counts: 'feedback' | 'blind'
  /** 1 to 1000: how stubborn a node is. */
  readonly k: number
}

/** `never` keeps on for ever: simple epidemics. */
export type StopRule = StopRuleOptions | 'never'

/** One node's interest in one rumor. */
export class Interest {
  readonly #rule: StopRule
  #count = 0

  constructor(rule: StopRule) {
    this.#rule = rule
    if (rule !== 'never') checkInteger('k', rule.k, { min: 1, max: 1000 })
  }

  /** One contact was made. Returns whether the node goes on. `random` is drawn from only when a coin is tossed. */
  survives(contact: 'useful' | 'useless', random: Random): boolean {
    const rule = this.#rule
    if (rule === 'never') return true
    if (rule.counts === 'feedback' && contact === 'useful') {
      this.#count = 0
      return true
    }
    return rule.by === 'coin' ? !random.chance(1 / rule.k) : ++this.#count < rule.k
  }
}
