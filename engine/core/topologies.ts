import { checkInteger, checkNumber } from './errors.ts'
import { ln } from './exact-math.ts'
import type { Random } from './random.ts'
import { checkSize, topologyFromEdges, topologyFromRows, type Topology } from './topology.ts'

type Edge = readonly [from: number, to: number]

/** Everybody with everybody, without storing n² edges: row i is a window of 0 … n-1, 0 … n-1 that begins after i. */
export function complete(size: number): Topology {
  checkSize(size)
  const twice = Int32Array.from({ length: 2 * size }, (_, i) => i % size)
  const neighbors = (node: number): Int32Array => {
    checkInteger('node', node, { min: 0, max: size - 1 })
    return twice.subarray(node + 1, node + size)
  }
  return { size, neighbors, degree: () => size - 1, neighborList: (node) => Array.from(neighbors(node)) }
}

/** A circle in which each node knows the `degree / 2` nearest on either side. */
export function ring(size: number, degree = 2): Topology {
  checkSize(size)
  checkDegree(degree, size)
  return topologyFromEdges(size, ringEdges(size, degree))
}

/** Node 0 knows all others, and they know only it. */
export function star(size: number): Topology {
  checkSize(size)
  return topologyFromEdges(
    size,
    Array.from({ length: size - 1 }, (_, i): Edge => [0, i + 1]),
  )
}

/** A near-square grid, each node with the nodes above, below, left and right. The last row may be short. */
export function grid(size: number): Topology {
  checkSize(size)
  const width = Math.ceil(Math.sqrt(size))
  const edges: Edge[] = []
  for (let node = 0; node < size; node++) {
    if ((node + 1) % width !== 0 && node + 1 < size) edges.push([node, node + 1])
    if (node + width < size) edges.push([node, node + width])
  }
  return topologyFromEdges(size, edges)
}

/**
 * A random graph in which every node has exactly `degree` neighbors: random stubs are paired, then loops and repeated
 * edges are swapped away (McKay and Wormald 1990 show that the pairing model is uniform; the swaps leave a bias that
 * vanishes with size). A dense graph is what a sparse one leaves out.
 */
export function randomRegular(size: number, degree: number, random: Random): Topology {
  checkSize(size)
  checkDegree(degree, size)
  if ((size * degree) % 2 !== 0) {
    throw new RangeError(`random regular graph: size ${size} times degree ${degree} is odd; make one of them even`)
  }
  if (2 * degree > size - 1) return complementOf(randomRegular(size, size - 1 - degree, random))
  for (;;) {
    const edges = pairStubs(size, degree, random)
    if (edges !== undefined) return topologyFromEdges(size, edges)
  }
}

/** Each node picks `degree` others at random to send to; the links have one direction. */
export function randomOut(size: number, degree: number, random: Random): Topology {
  checkSize(size)
  checkDegree(degree, size)
  const starts = Int32Array.from({ length: size + 1 }, (_, node) => node * degree)
  const targets = new Int32Array(size * degree)
  const row = new Set<number>()
  for (let node = 0; node < size; node++) {
    row.clear()
    // Floyd's sampling: one draw for each choice, however close the degree is to the size.
    for (let bound = size - 1 - degree; bound < size - 1; bound++) {
      const drawn = random.integer(bound + 1)
      row.add(row.has(drawn) ? bound : drawn)
    }
    targets.set(Int32Array.from(row, (other) => (other < node ? other : other + 1)).sort(), node * degree)
  }
  return topologyFromRows(starts, targets)
}

/** G(n, p) of Gilbert 1959: each pair is linked with the same probability, here mean degree / (n - 1). */
export function randomGraph(size: number, meanDegree: number, random: Random): Topology {
  checkSize(size)
  checkNumber('mean degree', meanDegree, { min: 0, max: size - 1 })
  if (meanDegree === 0) return topologyFromEdges(size, [])
  const probability = meanDegree / (size - 1)
  if (probability >= 1) return complete(size)
  const edges: Edge[] = []
  // Batagelj and Brandes 2005: jump from edge to edge by geometric steps instead of asking every pair.
  const logOfNo = ln(1 - probability)
  let from = 1
  let to = -1
  for (;;) {
    to += 1 + Math.floor(ln(1 - random.next()) / logOfNo)
    for (; to >= from && from < size; from++) to -= from
    if (from >= size) return topologyFromEdges(size, edges)
    edges.push([from, to])
  }
}

/** Watts and Strogatz 1998: a ring lattice whose edges are each moved to a random end with probability `rewiring`. */
export function smallWorld(size: number, degree: number, rewiring: number, random: Random): Topology {
  checkSize(size)
  checkDegree(degree, size)
  checkNumber('rewiring', rewiring, { min: 0, max: 1 })
  const rows: Set<number>[] = Array.from({ length: size }, () => new Set())
  const link = (a: number, b: number): void => {
    rows[a]!.add(b)
    rows[b]!.add(a)
  }
  const lattice = [...ringEdges(size, degree)]
  for (const [from, to] of lattice) link(from, to)
  for (const [from, to] of lattice) {
    if (!random.chance(rewiring) || rows[from]!.size >= size - 1) continue
    let end = random.integer(size)
    while (end === from || rows[from]!.has(end)) end = random.integer(size)
    rows[from]!.delete(to)
    rows[to]!.delete(from)
    link(from, end)
  }
  return topologyFromEdges(
    size,
    rows.flatMap((row, from) => Array.from(row, (to): Edge => [from, to])),
  )
}

/** Barabási and Albert 1999: each newcomer links to `degree / 2` nodes, likelier to those that have many links. */
export function scaleFree(size: number, degree: number, random: Random): Topology {
  checkSize(size)
  checkDegree(degree, size)
  const perNewcomer = Math.max(1, Math.floor(degree / 2))
  const edges: Edge[] = []
  const ends: number[] = [] // each node as often as it has links
  for (let node = 1; node < size; node++) {
    const targets = new Set<number>()
    if (node <= perNewcomer) for (let other = 0; other < node; other++) targets.add(other)
    while (targets.size < Math.min(perNewcomer, node)) targets.add(random.pick(ends))
    for (const target of targets) {
      edges.push([node, target])
      ends.push(node, target)
    }
  }
  return topologyFromEdges(size, edges)
}

function checkDegree(degree: number, size: number): void {
  checkInteger('degree', degree, { min: 0, max: size - 1 })
}

function* ringEdges(size: number, degree: number): Generator<Edge> {
  if (degree % 2 !== 0) throw new RangeError(`ring: degree is ${degree}; it must be even, half of it on each side`)
  for (let distance = 1; distance <= degree / 2; distance++) {
    for (let node = 0; node < size; node++) if (size > 1) yield [node, (node + distance) % size]
  }
}

/** One pairing, made free of loops and repeats; undefined where the swaps led into a dead end, as in tiny graphs. */
function pairStubs(size: number, degree: number, random: Random): Edge[] | undefined {
  const stubs = random.shuffle(Int32Array.from({ length: size * degree }, (_, i) => Math.floor(i / degree)))
  const key = (a: number, b: number): number => Math.min(a, b) * size + Math.max(a, b)
  const counts = new Map<number, number>()
  const add = (a: number, b: number, by: number): void => {
    counts.set(key(a, b), (counts.get(key(a, b)) ?? 0) + by)
  }
  const isTaken = (a: number, b: number): boolean => a === b || (counts.get(key(a, b)) ?? 0) > 0
  for (let i = 0; i < stubs.length; i += 2) add(stubs[i]!, stubs[i + 1]!, 1)
  const isBad = (i: number): boolean => stubs[i] === stubs[i + 1] || counts.get(key(stubs[i]!, stubs[i + 1]!))! > 1
  let swapsLeft = 100 * stubs.length
  for (let i = 0; i < stubs.length;) {
    if (!isBad(i)) {
      i += 2
      continue
    }
    if (swapsLeft-- === 0) return undefined
    const j = 2 * random.integer(stubs.length / 2)
    const [a, b, c, d] = [stubs[i]!, stubs[i + 1]!, stubs[j]!, stubs[j + 1]!]
    // Swapping (a,b),(c,d) to (a,d),(c,b) must make no new bad edge, or the repair would not end.
    if (i === j || isTaken(a, d) || isTaken(c, b) || key(a, d) === key(c, b)) continue
    add(a, b, -1)
    add(c, d, -1)
    add(a, d, 1)
    add(c, b, 1)
    stubs[i + 1] = d
    stubs[j + 1] = b
    if (j < i) i = j
  }
  return Array.from({ length: stubs.length / 2 }, (_, i): Edge => [stubs[2 * i]!, stubs[2 * i + 1]!])
}

/** Linked where the other is not. */
function complementOf(topology: Topology): Topology {
  const edges: Edge[] = []
  for (let a = 0; a < topology.size; a++) {
    const left = new Set(topology.neighbors(a))
    for (let b = a + 1; b < topology.size; b++) if (!left.has(b)) edges.push([a, b])
  }
  return topologyFromEdges(topology.size, edges)
}
