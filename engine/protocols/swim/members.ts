/**
 * What a node of SWIM holds of the others, and the news that it passes on: the paper's dissemination component. It knows
 * no network and no clock, only which of two statements about a member counts and how often each was told.
 */
import type { Address } from '../../core/address.ts'
import { ln } from '../../core/exact-math.ts'
import type { MemberStatus, MemberUpdate } from './messages.ts'
import type { SwimOptions } from './options.ts'

/** At the same incarnation the later one counts. */
const fromGoodToBad: readonly MemberStatus[] = ['alive', 'suspect', 'failed']

export class SwimMembers {
  readonly #lambda: number
  readonly #maxMembers: number
  readonly #updates = new Map<Address, MemberUpdate>()
  readonly #news = new Map<Address, { readonly update: MemberUpdate; told: number }>()

  constructor({ lambda, maxMembers }: Pick<Required<SwimOptions>, 'lambda' | 'maxMembers'>) {
    this.#lambda = lambda
    this.#maxMembers = maxMembers
  }

  /** ⌈ln(n + 1)⌉ for n members, this node and the failed ones counted: so many periods, about, until everybody knows. */
  get spreadTime(): number {
    return Math.ceil(ln(this.#updates.size + 2))
  }

  get(member: Address): MemberUpdate | undefined {
    return this.#updates.get(member)
  }

  /** All of this status, or all. */
  list(status?: MemberStatus): MemberUpdate[] {
    const all = [...this.#updates.values()]
    return status === undefined ? all : all.filter((update) => update.status === status)
  }

  /** Whether this says something new: at a higher incarnation, or something worse at the same. */
  isNews({ member, status, incarnation }: MemberUpdate): boolean {
    const held = this.#updates.get(member)
    if (held === undefined) return status !== 'failed' && this.#updates.size < this.#maxMembers
    if (incarnation !== held.incarnation) return incarnation > held.incarnation
    return fromGoodToBad.indexOf(status) > fromGoodToBad.indexOf(held.status)
  }

  set(update: MemberUpdate): void {
    this.#updates.set(update.member, update)
  }

  /** From now on this is news, in the place of any older about the same member. */
  tell(update: MemberUpdate): void {
    this.#news.delete(update.member) // to the end: the latest
    if (this.#lambda > 0) this.#news.set(update.member, { update, told: 0 })
  }

  /** News for one packet: what was told least, of that the latest first. A member that is held for down hears so itself. */
  takeNews(to: Address, max: number): MemberUpdate[] {
    const limit = this.#lambda * this.spreadTime
    const taken = [...this.#news.values()]
      .reverse()
      .sort((a, b) => a.told - b.told)
      .slice(0, max)
    for (const item of taken) if (++item.told >= limit) this.#news.delete(item.update.member)
    const updates = taken.map(({ update }) => update)
    const held = this.#updates.get(to)
    if (held !== undefined && held.status !== 'alive' && !updates.includes(held)) updates.unshift(held)
    return updates.slice(0, max)
  }
}
