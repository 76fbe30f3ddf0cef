/**
 * Real numbers with hundreds of digits, as whole multiples of 2^-bits: what the engine's floating point is held against.
 * Slow and simple on purpose; nothing here is shared with the engine.
 */
export class FixedPoint {
  readonly #bits: bigint
  readonly one: bigint

  /** @param bits digits after the binary point */
  constructor(bits: number) {
    this.#bits = BigInt(bits)
    this.one = 1n << this.#bits
  }

  /** A double, exactly, as long as it is a multiple of 2^-bits. */
  of(x: number): bigint {
    let scale = 0n
    let whole = x
    for (; !Number.isInteger(whole); whole *= 2) scale++
    if (scale > this.#bits) throw new RangeError(`${x} needs ${scale} bits after the point`)
    return BigInt(whole) << (this.#bits - scale)
  }

  /** The nearest double, or one next to it. */
  toNumber(x: bigint): number {
    const size = (x < 0n ? -x : x).toString(2).length
    const cut = Math.max(size - 64, 0)
    return Number(x >> BigInt(cut)) * 2 ** (cut - Number(this.#bits))
  }

  times(a: bigint, b: bigint): bigint {
    return (a * b) >> this.#bits
  }

  over(a: bigint, b: bigint): bigint {
    return (a << this.#bits) / b
  }

  /** By Newton's iteration on whole numbers. */
  squareRoot(x: bigint): bigint {
    const square = x << this.#bits
    let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2))
    for (;;) {
      const next = (root + square / root) >> 1n
      if (next >= root) return root
      root = next
    }
  }

  /** By its power series. */
  exp(x: bigint): bigint {
    let sum = this.one
    for (let term = this.one, i = 1n; ; i++) {
      term = this.times(term, x) / i
      if (term === 0n || term === -1n) return sum
      sum += term
    }
  }

  /** Machin 1706: π/4 = 4 arctan 1/5 - arctan 1/239. */
  get pi(): bigint {
    return 4n * (4n * this.#arctanOfInverse(5n) - this.#arctanOfInverse(239n))
  }

  #arctanOfInverse(n: bigint): bigint {
    let sum = 0n
    let sign = 1n
    for (let power = this.one / n, i = 1n; power > 0n; power /= n * n, i += 2n) {
      sum += (sign * power) / i
      sign = -sign
    }
    return sum
  }

  /**
   * The standard normal quantile of p, from a double z next to it: one step of Newton, whose own error is the square of
   * that of z. Uses Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/15 + …).
   */
  normalQuantile(p: bigint, near: number): bigint {
    const z = this.of(near)
    const square = this.times(z, z)
    let series = 0n
    for (let term = z, i = 3n; term !== 0n && term !== -1n; i += 2n) {
      series += term
      term = this.times(term, square) / i
    }
    const inverseDensity = this.times(this.squareRoot(2n * this.pi), this.exp(square / 2n))
    return z - series - this.times(this.one / 2n - p, inverseDensity)
  }
}

/** How many units in the last place of the exact value a double is away from it. */
export function ulpsBetween(measured: number, exact: bigint, numbers: FixedPoint): number {
  const nearest = Math.abs(numbers.toNumber(exact))
  const ulp = 2 ** Math.max(Math.floor(Math.log2(nearest)) - 52, -1074)
  return Math.abs(numbers.toNumber(numbers.of(measured) - exact) / ulp)
}
