import { checkNumber } from './errors.ts'
import { exp, ln } from './exact-math.ts'
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
