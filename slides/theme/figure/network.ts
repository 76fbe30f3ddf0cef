/**
 * Lays out a network as a still picture: peers at even distances, links between near ones, and one message on
 * its way. Every place follows from the seed, so the picture is the same on every screen and in print.
 */

export interface NetworkOptions {
  readonly seed: number
  readonly peers: number
  /** Where peers may stand, in pixels of the slide. */
  readonly inside: (at: Point) => boolean
  readonly width: number
  readonly height: number
  /** The peer nearest to this point publishes. */
  readonly publisherAt: Point
  /** The message has gone this many links far. */
  readonly hops: number
  /** Every so many peers, one is dead. */
  readonly deadEvery: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Peer extends Point {
  readonly state: 'publisher' | 'informed' | 'idle' | 'dead'
}

export interface Packet extends Point {
  /** True when the receiver has the message already. */
  readonly duplicate: boolean
}

export interface Network {
  readonly peers: readonly Peer[]
  readonly links: readonly (readonly [Point, Point])[]
  readonly packets: readonly Packet[]
}

export function layOutNetwork(options: NetworkOptions): Network {
  const random = randomStream(options.seed)
  const points = spread(options, random)
  const links = linkNear(points)
  const publisher = nearest(points, options.publisherAt)
  const dead = new Set(points.filter((point, index) => index % options.deadEvery === 7 && point !== publisher))
  const distances = hopsFrom(publisher, links, dead)
  const hopsOf = (point: Point): number => distances.get(point) ?? Infinity

  const stateOf = (point: Point): Peer['state'] => {
    if (point === publisher) return 'publisher'
    if (dead.has(point)) return 'dead'
    return hopsOf(point) <= options.hops ? 'informed' : 'idle'
  }

  const packets: Packet[] = []
  for (const [a, b] of links) {
    if (dead.has(a) || dead.has(b)) continue
    const [from, to] = hopsOf(a) <= hopsOf(b) ? [a, b] : [b, a]
    if (hopsOf(from) !== options.hops) continue
    // The last peers that learned the message pass it on: to new peers, and to some that have it too.
    const duplicate = hopsOf(to) === options.hops
    packets.push({ ...between(from, to, 0.35 + 0.35 * random()), duplicate })
  }
  return { peers: points.map((point) => ({ ...point, state: stateOf(point) })), links, packets }
}

/** Best of many candidates: each new point is the one farthest from all others, so none crowd. */
function spread({ peers, inside, width, height }: NetworkOptions, random: () => number): Point[] {
  const points: Point[] = []
  while (points.length < peers) {
    let best: Point | undefined
    let bestDistance = -1
    for (let candidates = 0; candidates < 60;) {
      const point = { x: Math.round(random() * width), y: Math.round(random() * height) }
      if (!inside(point)) continue
      candidates += 1
      const distance = Math.min(Infinity, ...points.map((other) => distanceBetween(point, other)))
      if (distance > bestDistance) [best, bestDistance] = [point, distance]
    }
    if (best) points.push(best)
  }
  return points
}

/** The Gabriel graph: two peers are linked if no third one stands in the circle between them. Links never cross. */
function linkNear(points: readonly Point[]): [Point, Point][] {
  const links: [Point, Point][] = []
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) {
      const middle = between(a, b, 0.5)
      const radius = distanceBetween(a, b) / 2
      const isFree = points.every((other) => other === a || other === b || distanceBetween(other, middle) > radius)
      if (isFree) links.push([a, b])
    }
  }
  return links
}

function hopsFrom(start: Point, links: readonly [Point, Point][], dead: ReadonlySet<Point>): Map<Point, number> {
  const distances = new Map([[start, 0]])
  // A map hands out the entries that are added while it is walked: this is the queue of a breadth-first search.
  for (const [point, distance] of distances) {
    for (const [a, b] of links) {
      const next = a === point ? b : b === point ? a : undefined
      if (next && !dead.has(next) && !distances.has(next)) distances.set(next, distance + 1)
    }
  }
  return distances
}

function nearest(points: readonly Point[], target: Point): Point {
  return points.reduce((best, point) => (distanceBetween(point, target) < distanceBetween(best, target) ? point : best))
}

function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

function distanceBetween(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

/** A linear congruential generator (Numerical Recipes' constants): plain, and good enough for a picture. */
function randomStream(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
