/**
 * Churn: nodes that come and go. Each node is up for a span, down for a span, up again: an alternating renewal process,
 * as in Yao et al., "Modeling heterogeneous user churn and local resilience of unstructured P2P networks", ICNP 2006.
 * Measured session lengths are no exponentials, Weibull fits better (Stutzbach and Rejaie, "Understanding churn in
 * peer-to-peer networks", IMC 2006). Every node has a random stream for this, so nodes do not shift each other.
 *
 * A change is a crash or a restart and an event of its own. So a simulation with churn is never idle: give it an end.
 */
import { checkInteger, checkNumber, describe } from './errors.ts'
import { exponential, gammaDeviate, pareto, weibull, weibullScale } from './distributions.ts'
import { pow } from './exact-math.ts'
import { deriveStream, type Random } from './random.ts'
import type { Simulation } from './simulation.ts'
import { maxMillis, toMicros, type Millis } from './time.ts'

/** How long nodes stay as they are. */
export interface Spans {
  readonly mean: Millis
  /** One span. */
  draw(random: Random): Millis
  /** What is left of a span at a moment that has nothing to do with it. Long spans are met more often than short ones. */
  remaining(random: Random): Millis
}

/** Exponential spans: those that know no age. */
export function exponentialSpans(mean: Millis): Spans {
  checkMean(mean)
  const draw = (random: Random): Millis => exponential(random, mean)
  return { mean, draw, remaining: draw }
}

/**
 * Weibull spans.
 * @param shape 0.1 to 100: 1 is exponential; under 1 many are short and a few very long, as sessions in the field are
 */
export function weibullSpans(mean: Millis, shape: number): Spans {
  checkMean(mean)
  const scale = weibullScale(mean, shape)
  return {
    mean,
    draw: (random) => weibull(random, scale, shape),
    // The span that a moment falls into has density x·f(x)/mean, so (x/scale)^shape is gamma distributed.
    remaining: (random) => random.next() * scale * pow(gammaDeviate(random, 1 + 1 / shape), 1 / shape),
  }
}

/**
 * Pareto spans that begin at 0 (Lomax), as in Yao et al.: longer than x with probability (1 + x/scale)^-shape.
 * @param shape 1.1 to 100; there is no mean up to 1. Up to 2 the variance is infinite, and a measured mean comes near the
 *   true one only after very many spans
 */
export function paretoSpans(mean: Millis, shape: number): Spans {
  checkMean(mean)
  checkNumber('shape', shape, { min: 1.1, max: 100 })
  const scale = mean * (shape - 1)
  return {
    mean,
    draw: (random) => pareto(random, scale, shape),
    remaining: (random) => pareto(random, scale, shape - 1), // the integral of the tail is a tail of this form
  }
}

export interface ChurnOptions {
  /** How long a node stays up. */
  readonly up: Spans
  /** How long it stays away. */
  readonly down: Spans
  /** Who comes and goes. Default: all nodes. */
  readonly nodes?: Iterable<number>
  /**
   * `all-up`: every node is up, at the beginning of a session. `stationary`: as if churn had been on for ever; a node is
   * up with probability mean up / (mean up + mean down), in the middle of a session. Default `all-up`.
   */
  readonly begin?: 'all-up' | 'stationary'
  /** Names the random streams. Churn that is started again on the same nodes repeats itself, unless it has another. */
  readonly label?: string
}

/**
 * Starts churn now. The engine starts every node at time 0; one that is to begin away is crashed right then, but what it
 * sent in `onStart` is under way. A crash or restart by others does not change when churn acts on the node; churn that
 * finds a node in the state it wants does nothing. Calling the result ends churn and leaves all nodes as they are.
 */
export function startChurn(simulation: Simulation, options: ChurnOptions): () => void {
  const { up, down, begin = 'all-up', label = '' } = options
  const nodes = checkNodes(options.nodes ?? Array.from({ length: simulation.size }, (_, node) => node), simulation.size)
  const share = up.mean / (up.mean + down.mean)
  let isOver = false

  const follow = (node: number): void => {
    const random = deriveStream(simulation.seed, 'churn', label, node)
    let isUp = begin === 'all-up' || random.chance(share)
    const wait = (span: Millis): void => {
      // What would come after the end of virtual time never comes.
      if (span <= maxMillis - simulation.now) simulation.schedule(simulation.now + span, 'churn', change)
    }
    const change = (): void => {
      if (isOver) return
      isUp = !isUp
      setUp(simulation, node, isUp)
      wait((isUp ? up : down).draw(random))
    }
    setUp(simulation, node, isUp)
    wait(begin === 'all-up' ? up.draw(random) : (isUp ? up : down).remaining(random))
  }

  simulation.schedule(simulation.now, 'churn begins', () => {
    if (!isOver) nodes.forEach(follow)
  })
  return () => {
    isOver = true
  }
}

/** A node comes or goes. */
export interface ChurnChange {
  readonly time: Millis
  readonly node: number
  readonly up: boolean
}

/**
 * Replays recorded churn: at each time the nodes come (`up`) or go. The list is in order of time and begins no earlier
 * than now; the changes of one moment happen together, in the order of the list. A node that is already as it should be
 * stays so. Calling the result ends the replay.
 */
export function replayChurn(simulation: Simulation, changes: readonly ChurnChange[]): () => void {
  checkChanges(simulation, changes)
  let isOver = false
  const scheduleFrom = (first: number): void => {
    if (first === changes.length) return
    const { time } = changes[first]!
    simulation.schedule(time, 'churn', () => {
      if (isOver) return
      let next = first
      for (; next < changes.length && isSameMoment(changes[next]!.time, time); next++) {
        setUp(simulation, changes[next]!.node, changes[next]!.up)
      }
      scheduleFrom(next)
    })
  }
  scheduleFrom(0)
  return () => {
    isOver = true
  }
}

function setUp(simulation: Simulation, node: number, isUp: boolean): void {
  if (isUp) simulation.restart(node)
  else simulation.crash(node)
}

function isSameMoment(a: Millis, b: Millis): boolean {
  return toMicros('time', a) === toMicros('time', b)
}

function checkMean(mean: Millis): void {
  checkNumber('mean span (ms)', mean, { min: 0.001, max: maxMillis })
}

function checkNodes(nodes: Iterable<number>, size: number): number[] {
  const list = [...nodes]
  for (const node of list) checkInteger('churn: node', node, { min: 0, max: size - 1 })
  if (new Set(list).size === list.length) return list
  const twice = list.find((node, at) => list.indexOf(node) !== at)
  throw new RangeError(`churn: node ${twice} is listed twice; list each node once`)
}

function checkChanges(simulation: Simulation, changes: readonly ChurnChange[]): void {
  let last = toMicros('time', simulation.now)
  for (const [at, { time, node, up }] of changes.entries()) {
    const name = `change ${at + 1}`
    const micros = toMicros(`${name}: time`, time)
    checkInteger(`${name}: node`, node, { min: 0, max: simulation.size - 1 })
    if (typeof up !== 'boolean') throw new TypeError(`${name}: up is ${describe(up)}; it must be true or false`)
    if (micros < last) {
      throw new RangeError(
        at === 0
          ? `${name} is at ${time} ms, but it is ${simulation.now} ms already; leave out what has passed`
          : `${name} is at ${time} ms, after one at ${changes[at - 1]!.time} ms; sort the list by time`,
      )
    }
    last = micros
  }
}
