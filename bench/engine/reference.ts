/**
 * The same workload without an engine, as one would write it for this case alone: a binary heap over typed arrays,
 * messages in plain arrays, handlers inlined, one random stream, no hosts, no checks, no fingerprint.
 */
import type { Topology } from '@peerlab/engine'
import type { Workload } from './averaging.ts'

const timer = 0
const push = 1
const reply = 2

/** Everything before the first event, and then the loop. The loop returns how many events it handled. */
export function setUpReference(workload: Workload, topology: Topology, seed: number): () => number {
  const { nodes, cycle, cycles, latency } = workload
  const { starts, targets } = rowsOf(topology)
  const values = new Float64Array(nodes)
  const cyclesLeft = new Int32Array(nodes).fill(cycles)
  const random = makeRandom(seed)

  // The heap, and for each id what the event is.
  let capacity = 4 * nodes
  let times = new Float64Array(capacity)
  let sequences = new Float64Array(capacity)
  let ids = new Int32Array(capacity)
  let size = 0
  let nextSequence = 0
  const kinds: number[] = []
  const receivers: number[] = []
  const senders: number[] = []
  const carried: number[] = []
  const free: number[] = []

  function add(time: number, kind: number, to: number, from: number, value: number): void {
    const id = free.length > 0 ? free.pop()! : kinds.length
    kinds[id] = kind
    receivers[id] = to
    senders[id] = from
    carried[id] = value
    if (size === capacity) grow()
    const sequence = nextSequence++
    let at = size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (times[parent]! <= time) break
      times[at] = times[parent]!
      sequences[at] = sequences[parent]!
      ids[at] = ids[parent]!
      at = parent
    }
    times[at] = time
    sequences[at] = sequence
    ids[at] = id
  }

  function grow(): void {
    capacity *= 2
    const [oldTimes, oldSequences, oldIds] = [times, sequences, ids]
    ;(times = new Float64Array(capacity)).set(oldTimes)
    ;(sequences = new Float64Array(capacity)).set(oldSequences)
    ;(ids = new Int32Array(capacity)).set(oldIds)
  }

  function removeFirst(): void {
    const last = --size
    const time = times[last]!
    const sequence = sequences[last]!
    const id = ids[last]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= last) break
      const other = child + 1
      if (
        other < last &&
        (times[other]! < times[child]! || (times[other] === times[child] && sequences[other]! < sequences[child]!))
      ) {
        child = other
      }
      if (times[child]! > time || (times[child] === time && sequences[child]! > sequence)) break
      times[at] = times[child]!
      sequences[at] = sequences[child]!
      ids[at] = ids[child]!
      at = child
    }
    times[at] = time
    sequences[at] = sequence
    ids[at] = id
  }

  for (let node = 0; node < nodes; node++) {
    values[node] = random() / 2 ** 32
    add(Math.floor((random() / 2 ** 32) * cycle), timer, node, -1, 0)
  }

  const span = latency.max - latency.min
  return () => {
    let events = 0
    while (size > 0) {
      const now = times[0]!
      const id = ids[0]!
      removeFirst()
      events++
      const node = receivers[id]!
      const kind = kinds[id]!
      const value = carried[id]!
      const from = senders[id]!
      free.push(id)
      if (kind === timer) {
        const start = starts[node]!
        const peer = targets[start + (random() % (starts[node + 1]! - start))]!
        const flight = span === 0 ? 0 : latency.min + Math.floor((random() / 2 ** 32) * span)
        add(now + flight, push, peer, node, values[node]!)
        if (--cyclesLeft[node]! > 0) add(now + cycle, timer, node, -1, 0)
        continue
      }
      if (kind === push) {
        const flight = span === 0 ? 0 : latency.min + Math.floor((random() / 2 ** 32) * span)
        add(now + flight, reply, from, node, values[node]!)
      }
      values[node] = (values[node]! + value) / 2
    }
    return events
  }
}

/** xoshiro128**, as in the engine, but one stream for all. */
function makeRandom(seed: number): () => number {
  let a = seed | 0
  let b = 0x9e3779b9 | 0
  let c = 0x243f6a88
  let d = 0xb7e15162 | 0
  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result >>> 0
  }
}

function rowsOf(topology: Topology): { starts: Int32Array; targets: Int32Array } {
  const starts = new Int32Array(topology.size + 1)
  for (let node = 0; node < topology.size; node++) {
    starts[node + 1] = starts[node]! + topology.neighbors(node).length
  }
  const targets = new Int32Array(starts[topology.size]!)
  for (let node = 0; node < topology.size; node++) targets.set(topology.neighbors(node), starts[node])
  return { starts, targets }
}
