import { distance } from 'fastest-levenshtein'

/** ` Did you mean "gossip"?`, to be put behind a sentence, or nothing when no candidate is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = closest(word, candidates)
  return found === undefined ? '' : ` Did you mean "${found}"?`
}

/** The candidate that the word was probably meant to be: a slip or two away, or a whole that the word begins. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase()
  let best: { readonly candidate: string; readonly slips: number } | undefined
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    const isBeginning = lower.length >= 3 && other.startsWith(lower)
    const slips = isBeginning ? 1 : distance(lower, other)
    // Two letters in the wrong order count as two slips, so even a short word may have two.
    const most = Math.max(2, Math.floor(other.length / 3))
    if (slips <= most && slips < Math.max(lower.length, other.length) && slips < (best?.slips ?? Infinity)) {
      best = { candidate, slips }
    }
  }
  return best?.candidate
}

/** As {@link closest}, for names such as 03-gossip: `gosip` is near to what follows the number. */
export function closestNumbered(word: string, ids: readonly string[]): string | undefined {
  return closest(word, ids) ?? ids.find((id) => closest(word, [id.replace(/^\w+-/, '')]) !== undefined)
}
