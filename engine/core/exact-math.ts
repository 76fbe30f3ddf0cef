/**
 * exp, ln and what follows from them, from additions, multiplications and divisions alone. IEEE 754 fixes those to the
 * last bit, while engines differ in Math.exp and Math.log, and one bit is enough to swap two events. exp and ln are good
 * to about 1e-15.
 */

const ln2High = 0.6931471803691238 // the leading bits of ln 2 (fdlibm), so that k · ln2High is exact
const ln2Low = 1.9082149292705877e-10 // what is missing

/** e to the x, for |x| up to 700. */
export function exp(x: number): number {
  if (!(x >= -700 && x <= 700)) throw new RangeError(`exp of ${x}; it must be from -700 to 700`)
  const k = Math.round(x / (ln2High + ln2Low))
  const rest = x - k * ln2High - k * ln2Low // within ±0.35
  let sum = 1
  for (let i = 18; i >= 1; i--) sum = 1 + (rest * sum) / i
  return sum * powerOfTwo(k)
}

/** The natural logarithm of x > 0. */
export function ln(x: number): number {
  if (!(x > 0 && x < Infinity)) throw new RangeError(`ln of ${x}; it must be over 0 and finite`)
  let k = 0
  let mantissa = x
  for (; mantissa > Math.SQRT2; mantissa /= 2) k++
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) k--
  const s = (mantissa - 1) / (mantissa + 1) // ln m = 2 artanh s, with |s| under 0.172
  const square = s * s
  let sum = 0
  for (let i = 23; i >= 1; i -= 2) sum = sum * square + 1 / i
  return 2 * s * sum + k * ln2Low + k * ln2High
}

/**
 * base to the power of exponent, for base over 0 (or 0, where the exponent is over 0) and |exponent · ln base| up to 700.
 * The relative error grows with that product: about 1e-15 near 1, and 1e-13 near 700.
 */
export function pow(base: number, exponent: number): number {
  return base === 0 && exponent > 0 ? 0 : exp(exponent * ln(base))
}

/** The gamma function, (x - 1)! for whole x, for x over 0 and up to 30. Its relative error is under 1e-13. */
export function gamma(x: number): number {
  if (!(x > 0 && x <= 30)) throw new RangeError(`gamma of ${x}; it must be over 0 and at most 30`)
  // Γ(x) = Γ(x + n) / (x (x + 1) … (x + n - 1)), since Stirling's series is exact for large arguments only.
  let divisor = 1
  let large = x
  for (; large < 16; large++) divisor *= large
  const square = large * large
  let series = 0 // Abramowitz and Stegun 6.1.41; the next term is 1e-16 at most
  for (const term of [1188, -1680, 1260, -360, 12]) series = 1 / term + series / square
  return exp((large - 0.5) * ln(large) - large + halfLogOfTwoPi + series / large) / divisor
}

const halfLogOfTwoPi = 0.9189385332046727

function powerOfTwo(k: number): number {
  let result = 1
  for (let i = Math.abs(k); i > 0; i--) result *= 2
  return k < 0 ? 1 / result : result
}
