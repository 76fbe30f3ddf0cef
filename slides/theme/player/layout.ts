import type { Topology } from '@peerlab/engine'

/** Force-directed layouts are quadratic; larger networks are a disc. */
const maxForced = 400

/** Where each node stands: pairs x, y from 0 to 1. The same graph always looks the same. */
export function layOut(topology: Topology, kind: unknown): Float32Array {
  const { size } = topology
  if (kind === 'ring' || (kind === 'small-world' && size <= maxForced)) return circle(size, 0)
  if (kind === 'grid') return square(size)
  // A scenario of one shape: around node 0 where that is everybody's neighbor, on a circle where nobody has any.
  if (kind === 'star' || kind === undefined) return circle(size, topology.degree(0) > 0 ? 1 : 0)
  return size <= maxForced && kind !== 'complete' ? forced(topology) : disc(size)
}

function circle(size: number, inTheMiddle: number): Float32Array {
  const positions = new Float32Array(2 * size).fill(0.5)
  for (let node = inTheMiddle; node < size; node++) {
    const angle = (2 * Math.PI * (node - inTheMiddle)) / Math.max(size - inTheMiddle, 1) - Math.PI / 2
    positions[2 * node] = 0.5 + 0.48 * Math.cos(angle)
    positions[2 * node + 1] = 0.5 + 0.48 * Math.sin(angle)
  }
  return positions
}

function square(size: number): Float32Array {
  const width = Math.ceil(Math.sqrt(size))
  const height = Math.ceil(size / width)
  return Float32Array.from({ length: 2 * size }, (_, i) => {
    const node = i >> 1
    const [step, steps] = i % 2 === 0 ? [node % width, width] : [Math.floor(node / width), height]
    return steps === 1 ? 0.5 : 0.03 + (0.94 * step) / (steps - 1)
  })
}

/** Evenly over a disc, as seeds stand in a sunflower (Vogel 1979). */
function disc(size: number): Float32Array {
  const golden = Math.PI * (3 - Math.sqrt(5))
  return Float32Array.from({ length: 2 * size }, (_, i) => {
    const node = i >> 1
    const radius = 0.49 * Math.sqrt((node + 0.5) / size)
    return 0.5 + radius * (i % 2 === 0 ? Math.cos(node * golden) : Math.sin(node * golden))
  })
}

/** Fruchterman and Reingold 1991: links pull, nodes push apart, and it cools. Starts from the disc, so nothing is random. */
function forced(topology: Topology): Float32Array {
  const { size } = topology
  const at = disc(size)
  const ideal = Math.sqrt(1 / size) * 0.9
  const moves = new Float64Array(2 * size)
  const rounds = size <= 100 ? 300 : 120
  for (let round = 0; round < rounds; round++) {
    moves.fill(0)
    for (let a = 0; a < size; a++) {
      for (let b = a + 1; b < size; b++) push(a, b, (distance) => (ideal * ideal) / distance)
      for (const b of topology.neighbors(a)) push(a, b, (distance) => -(distance * distance) / ideal / 2)
    }
    const most = 0.08 * (1 - round / rounds)
    for (let node = 0; node < size; node++) {
      const [x, y] = [moves[2 * node]!, moves[2 * node + 1]!]
      const length = Math.hypot(x, y) || 1
      const step = Math.min(length, most) / length
      at[2 * node]! += x * step
      at[2 * node + 1]! += y * step
    }
  }
  return fitted(at)

  function push(a: number, b: number, force: (distance: number) => number): void {
    const dx = at[2 * a]! - at[2 * b]!
    const dy = at[2 * a + 1]! - at[2 * b + 1]!
    const distance = Math.max(Math.hypot(dx, dy), 1e-4)
    const strength = force(distance) / distance
    moves[2 * a]! += dx * strength
    moves[2 * a + 1]! += dy * strength
    moves[2 * b]! -= dx * strength
    moves[2 * b + 1]! -= dy * strength
  }
}

/** Stretched to fill the unit square, each way by itself. */
function fitted(at: Float32Array): Float32Array {
  for (const axis of [0, 1]) {
    const values = at.filter((_, i) => i % 2 === axis)
    const [low, high] = [Math.min(...values), Math.max(...values)]
    for (let i = axis; i < at.length; i += 2) at[i] = high === low ? 0.5 : 0.02 + (0.96 * (at[i]! - low)) / (high - low)
  }
  return at
}
