import { tokensOf } from './tokens.ts'

/**
 * Fingerprints of programs by winnowing (Schleimer, Wilkerson, Aiken 2003, "Winnowing: local algorithms for document
 * fingerprinting", SIGMOD): of all runs of k tokens, each window of w keeps the one with the smallest hash. What two
 * programs share over w + k - 1 tokens or more is always found; what is shorter than k tokens never.
 */
export interface Fingerprint {
  readonly hash: number
  /** The lines of its tokens, from 1. */
  readonly from: number
  readonly to: number
}

/** The paper's noise threshold, in tokens: shorter matches are the grammar's, not the author's. */
export const gramTokens = 20
/** The paper's window. With it every match of 28 tokens or more, some three lines, is found. */
export const windowGrams = 9

/** All runs of k tokens of a text. */
export function gramsOf(text: string): Fingerprint[] {
  const tokens = tokensOf(text)
  const numbers = tokens.map(({ kind }) => numberOf(kind))
  const grams: Fingerprint[] = []
  for (let start = 0; start + gramTokens <= tokens.length; start++) {
    const last = tokens[start + gramTokens - 1]!
    grams.push({ hash: hashOf(numbers, start), from: tokens[start]!.line, to: last.line })
  }
  return grams
}

/**
 * The chosen ones, each once, in the order of the text. Runs that `without` has are left out before choosing, so that
 * they cannot hide others of their window.
 */
export function winnow(grams: readonly Fingerprint[], without: ReadonlySet<number> = new Set()): Fingerprint[] {
  const chosen: Fingerprint[] = []
  let last = -1
  for (const [begin, end] of stretches(grams, without)) {
    // A stretch that is shorter than a window is a window of its own.
    for (let start = begin; start === begin || start + windowGrams <= end; start++) {
      let least = start
      for (let i = start; i < Math.min(end, start + windowGrams); i++) {
        if (grams[i]!.hash <= grams[least]!.hash) least = i // the rightmost of equals, as in the paper
      }
      if (least > last) chosen.push(grams[least]!)
      last = Math.max(last, least)
    }
  }
  return chosen
}

/** From where to before where no run is left out. */
function stretches(grams: readonly Fingerprint[], without: ReadonlySet<number>): [begin: number, end: number][] {
  const found: [number, number][] = []
  let begin = 0
  for (let i = 0; i <= grams.length; i++) {
    if (i < grams.length && !without.has(grams[i]!.hash)) continue
    if (i > begin) found.push([begin, i])
    begin = i + 1
  }
  return found
}

/** 52 bits out of two 32-bit FNV-1a hashes (Fowler, Noll, Vo) over the numbers of k tokens. */
function hashOf(numbers: readonly number[], start: number): number {
  let [low, high] = [0x811c9dc5, 0x9747b28c]
  for (let i = start; i < start + gramTokens; i++) {
    low = Math.imul(low ^ numbers[i]!, 0x01000193)
    high = Math.imul(high ^ (numbers[i]! + 0x5bd1e995), 0x01000193)
    low ^= low >>> 15
    high ^= high >>> 13
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0)
}

/** A token as 32 bits, the same in every run: which fingerprints are chosen depends on it. */
function numberOf(kind: string): number {
  let bits = 0x811c9dc5
  for (let i = 0; i < kind.length; i++) bits = Math.imul(bits ^ kind.charCodeAt(i), 0x01000193)
  return bits | 0
}
