import { gramsOf, winnow, type Fingerprint } from './winnowing.ts'

/** All code of a submission for one lab. */
export interface Program {
  readonly name: string
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

/** Lines of one file. Both from 1, both included. */
export interface Lines {
  readonly path: string
  readonly from: number
  readonly to: number
}

/** A stretch that two programs share. */
export interface Match {
  readonly left: Lines
  readonly right: Lines
}

export interface SimilarPair {
  readonly left: Program
  readonly right: Program
  /** Of the smaller program's own fingerprints: 0 to 1. */
  readonly share: number
  /** How many fingerprints they share. */
  readonly shared: number
  readonly matches: readonly Match[]
}

export interface SimilarityOptions {
  /** Texts that everybody has: what is in them says nothing. The starter, the solution, the engine's protocol. */
  readonly common: readonly string[]
  /** Pairs below this share are not shown, 0 to 1. Default 0.4. */
  readonly threshold?: number
  /** Nor pairs that share fewer fingerprints. Default 6: some sixty tokens in a row, or several shorter stretches. */
  readonly fewest?: number
  /** What more programs than this have is how the task is solved. Default 10, as in Moss (theory.stanford.edu/~aiken/moss). */
  readonly most?: number
}

/** A fingerprint, and where it is. */
interface Place extends Fingerprint {
  readonly path: string
}

/** Pairs of programs that share more than chance gives, the most similar first. */
export function similarPairs(programs: readonly Program[], options: SimilarityOptions): SimilarPair[] {
  const { common, threshold = 0.4, fewest = 6, most = 10 } = options
  const known = hashesOf(common)
  const places = programs.map((program) => placesOf(program, known))
  const owners = ownersOf(places)
  const usual = new Set([...owners].filter(([, who]) => who.length > most).map(([hash]) => hash))
  const sizes = places.map((own) => [...own.keys()].filter((hash) => !usual.has(hash)).length)
  const shared = new Map<number, number[]>()
  for (const [hash, who] of owners) {
    if (usual.has(hash)) continue
    for (const [i, a] of who.entries()) {
      for (const b of who.slice(i + 1)) {
        const pair = a * programs.length + b
        shared.set(pair, [...(shared.get(pair) ?? []), hash])
      }
    }
  }
  const pairs: SimilarPair[] = []
  for (const [pair, hashes] of shared) {
    const [a, b] = [Math.floor(pair / programs.length), pair % programs.length]
    const share = hashes.length / Math.min(sizes[a]!, sizes[b]!)
    if (hashes.length < fewest || share < threshold) continue
    const matches = matchesOf(programs[a]!, programs[b]!, known)
    pairs.push({ left: programs[a]!, right: programs[b]!, share, shared: hashes.length, matches })
  }
  return pairs.sort((a, b) => b.share - a.share || b.shared - a.shared || (nameOf(a) < nameOf(b) ? -1 : 1))
}

/**
 * How much of a program's own code is in another text, such as the solution: 0 to 1. Null where it has no code of its
 * own beside what `common` has.
 */
export function shareIn(program: Program, texts: readonly string[], common: readonly string[]): number | null {
  return shareOf(ownHashes(program, common), hashesOf(texts))
}

/** The share of the first that is in the second, 0 to 1; null of nothing. */
export function shareOf(own: ReadonlySet<number>, there: ReadonlySet<number>): number | null {
  if (own.size === 0) return null
  return [...own].filter((hash) => there.has(hash)).length / own.size
}

/** The fingerprints of what a program has beside what is common. */
export function ownHashes(program: Program, common: readonly string[]): Set<number> {
  return new Set(placesOf(program, hashesOf(common)).keys())
}

/** The hashes of all runs of tokens, not only of chosen ones. */
export function hashesOf(texts: readonly string[]): Set<number> {
  return new Set(texts.flatMap((text) => gramsOf(text).map(({ hash }) => hash)))
}

/** Where each fingerprint stands for the first time. */
function placesOf({ files }: Program, without: ReadonlySet<number>): Map<number, Place> {
  const places = new Map<number, Place>()
  for (const { path, text } of files) {
    for (const fingerprint of winnow(gramsOf(text), without)) {
      if (!places.has(fingerprint.hash)) places.set(fingerprint.hash, { ...fingerprint, path })
    }
  }
  return places
}

function ownersOf(places: readonly ReadonlyMap<number, Place>[]): Map<number, number[]> {
  const owners = new Map<number, number[]>()
  for (const [program, own] of places.entries()) {
    for (const hash of own.keys()) {
      const who = owners.get(hash)
      if (who === undefined) owners.set(hash, [program])
      else who.push(program)
    }
  }
  return owners
}

/** All runs of tokens that both have, chosen or not; those that overlap or touch on both sides are one match. */
function matchesOf(left: Program, right: Program, known: ReadonlySet<number>): Match[] {
  const there = firstPlaces(right)
  const found = [...firstPlaces(left)]
    .flatMap(([hash, place]): Match[] => {
      const other = known.has(hash) ? undefined : there.get(hash)
      return other === undefined ? [] : [{ left: place, right: other }]
    })
    .sort((a, b) => order(a.left, b.left) || order(a.right, b.right))
  const matches: Match[] = []
  for (const { left: a, right: b } of found) {
    const last = matches.at(-1)
    if (last !== undefined && touches(last.left, a) && touches(last.right, b)) {
      matches[matches.length - 1] = { left: join(last.left, a), right: join(last.right, b) }
    } else matches.push({ left: linesOf(a), right: linesOf(b) })
  }
  return matches
}

function firstPlaces({ files }: Program): Map<number, Place> {
  const places = new Map<number, Place>()
  for (const { path, text } of files) {
    for (const gram of gramsOf(text)) if (!places.has(gram.hash)) places.set(gram.hash, { ...gram, path })
  }
  return places
}

function order(a: Lines, b: Lines): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return a.from - b.from
}

function touches(a: Lines, b: Lines): boolean {
  return a.path === b.path && b.from <= a.to + 1 && a.from <= b.to + 1
}

function join(a: Lines, b: Lines): Lines {
  return { path: a.path, from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }
}

function linesOf({ path, from, to }: Lines): Lines {
  return { path, from, to }
}

function nameOf({ left, right }: SimilarPair): string {
  return JSON.stringify([left.name, right.name])
}
