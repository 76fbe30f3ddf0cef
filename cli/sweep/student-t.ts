const known = new Map<number, number>()

/** From here on the expansion is good to ten digits. */
const manyDegrees = 200

/**
 * Within how many standard errors of the mean 95 % of Student's t distribution lie: 12.706 with one degree of freedom,
 * 1.96 with infinitely many. A whole number of degrees, from 1.
 */
export function t95(degrees: number): number {
  let t = known.get(degrees)
  if (t === undefined) {
    t = degrees < manyDegrees ? bisect(degrees) : expansion(degrees)
    known.set(degrees, t)
  }
  return t
}

/** How likely |T| ≤ t is: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4. */
export function withinT(t: number, degrees: number): number {
  const cosine = 1 / Math.sqrt(1 + (t * t) / degrees)
  const sine = (t / Math.sqrt(degrees)) * cosine
  const isOdd = degrees % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = 0
  for (let k = isOdd ? 3 : 2; k <= degrees; k += 2) {
    sum += term
    term *= (cosine * cosine * (k - 1)) / k
  }
  return isOdd ? (2 / Math.PI) * (Math.atan(t / Math.sqrt(degrees)) + sine * sum) : sine * sum
}

function bisect(degrees: number): number {
  let [low, high] = [1.9, 13]
  for (;;) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) return middle
    if (withinT(middle, degrees) < 0.95) low = middle
    else high = middle
  }
}

/** Half of 5 % of the normal distribution lie above it. */
const z = 1.959963984540054

/** Abramowitz and Stegun 26.7.5, of which the next term is under 1e-10 here. */
function expansion(n: number): number {
  const s = z * z
  const g1 = (s + 1) / 4
  const g2 = ((5 * s + 16) * s + 3) / 96
  const g3 = (((3 * s + 19) * s + 17) * s - 15) / 384
  const g4 = ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160
  return z * (1 + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n)
}
