import { checkNumber } from './errors.ts'
import { exp, gamma, ln, pow } from './exact-math.ts'
import { normalDeviate } from './normal.ts'
import type { Random } from './random.ts'

/** The time to the next of events that come at random, on average one in `mean`. */
export function exponential(random: Random, mean: number): number {
  return -mean * ln(1 - random.next())
}

/** How many of such events come in one unit of time, on average `mean` (0 to 500): by inversion. */
export function poisson(random: Random, mean: number): number {
  checkNumber('mean', mean, { min: 0, max: 500 })
  let probability = exp(-mean)
  let left = random.next() - probability
  let count = 0
  while (left > 0 && count < 10_000) {
    count++
    probability *= mean / count
    left -= probability
  }
  return count
}

/** Normal with mean 0 and standard deviation 1. */
export function normal(random: Random): number {
  return normalDeviate(random.next())
}

/**
 * Weibull: over x with probability e^(-(x/scale)^shape), shape 0.1 to 100. By inversion. Its mean is
 * scale · Γ(1 + 1/shape), see {@link weibullScale}. Shape 1 is the exponential distribution; under 1 the tail is longer.
 */
export function weibull(random: Random, scale: number, shape: number): number {
  checkShape(shape, 0.1)
  return scale * pow(-ln(1 - random.next()), 1 / shape)
}

/** The scale with which a Weibull distribution of this shape has this mean. */
export function weibullScale(mean: number, shape: number): number {
  checkShape(shape, 0.1)
  return mean / gamma(1 + 1 / shape)
}

/**
 * Pareto that begins at 0 (Lomax): over x with probability (1 + x/scale)^-shape, shape 0.1 to 100. By inversion. Its mean
 * is scale / (shape - 1), and there is none up to shape 1.
 */
export function pareto(random: Random, scale: number, shape: number): number {
  checkShape(shape, 0.1)
  return scale * (pow(1 - random.next(), -1 / shape) - 1)
}

/**
 * Gamma with mean `shape` (1 to 100) and scale 1. Marsaglia and Tsang, "A simple method for generating gamma variables",
 * ACM TOMS 26(3), 2000: a transformed normal deviate, drawn again in under 5 % of all cases.
 */
export function gammaDeviate(random: Random, shape: number): number {
  checkShape(shape, 1)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const z = normal(random)
    const root = 1 + c * z
    if (root <= 0) continue
    const cube = root * root * root
    if (ln(1 - random.next()) < 0.5 * z * z + d * (1 - cube + ln(cube))) return d * cube
  }
}

function checkShape(shape: number, min: number): void {
  checkNumber('shape', shape, { min, max: 100 })
}
