/**
 * The normal distribution by inversion: one uniform value makes one deviate, with the same bits in every JavaScript
 * engine. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37(3), 1988:
 * PPND16, three rational approximations that are good to 1 part in 10^16; rounding makes it a few parts in 10^16 here.
 */
import { ln } from './exact-math.ts'

/** The standard deviate that a share p of a normal population stays under, for p between 0 and 1, both excluded. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`normal quantile of ${p}; it must be between 0 and 1, both excluded`)
  return quantile(p - 0.5, Math.min(p, 1 - p))
}

/**
 * The standard deviate for a uniform value in [0, 1) with 53 bits. It stands for the middle of its 2^53rd of the range,
 * so that the deviates are symmetric and none is infinite: |z| is at most 8.3.
 */
export function normalDeviate(uniform: number): number {
  const offset = uniform - 0.5 + 1 / 2 ** 54 // exact, as is the tail
  return quantile(offset, 0.5 - Math.abs(offset))
}

/** @param tail the smaller of p and 1 - p, given apart since p - 0.5 loses the digits of a small p. */
function quantile(offset: number, tail: number): number {
  if (Math.abs(offset) <= 0.425) {
    const r = 0.180625 - offset * offset
    return (offset * polynomial(middleTop, r)) / polynomial(middleBottom, r)
  }
  const root = Math.sqrt(-ln(tail))
  const magnitude =
    root <= 5
      ? polynomial(outerTop, root - 1.6) / polynomial(outerBottom, root - 1.6)
      : polynomial(farTop, root - 5) / polynomial(farBottom, root - 5)
  return offset < 0 ? -magnitude : magnitude
}

/** By Horner's rule; the coefficients come from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + coefficients[i]!
  return sum
}

// Wichura's coefficients, in his groups a/b (|p - 0.5| up to 0.425), c/d (tail over e^-25) and e/f (the rest).
const middleTop = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
]
const middleBottom = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
]
const outerTop = [
  7.745450142783414e-4, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
]
const outerBottom = [
  1.0507500716444169e-9, 5.475938084995345e-4, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
]
const farTop = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
]
const farBottom = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 7.868691311456133e-4, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
]
