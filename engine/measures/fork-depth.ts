import { checkNumber } from '../core/errors.ts'
import { exp } from '../core/exact-math.ts'

/**
 * How long the shorter of two chains is in the mean, when blocks come at random, so many on the one and so many on the
 * other in the mean: E min(X, Y) = Σ P(X ≥ k) P(Y ≥ k) for independent Poisson X and Y. So many blocks a heal undoes, when
 * a cut network has mined on both sides (Nakamoto 2008, section 5: the longest chain stays).
 * @param one 0 or more; over 500 the mean of the smaller one is returned, which is a little too much
 */
export function expectedForkDepth(one: number, other: number): number {
  checkNumber('one', one, { min: 0, max: Number.MAX_VALUE })
  checkNumber('other', other, { min: 0, max: Number.MAX_VALUE })
  const [less, more] = [Math.min(one, other), Math.max(one, other)]
  if (more > 500) return less
  let depth = 0
  let [termLess, termMore] = [exp(-less), exp(-more)]
  let [tailLess, tailMore] = [1 - termLess, 1 - termMore]
  for (let k = 1; k < 10_000 && tailLess > 1e-12; k++) {
    depth += tailLess * Math.max(tailMore, 0)
    termLess *= less / k
    termMore *= more / k
    tailLess -= termLess
    tailMore -= termMore
  }
  return depth
}
