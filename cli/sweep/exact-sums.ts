/**
 * The sum of numbers and of their squares without any rounding, so that means do not depend on the order in which the
 * lines of a sweep came. Every double is a whole multiple of 2^-1074, and as such it is added.
 */
export class ExactSums {
  #count = 0
  #sum = 0n
  #squares = 0n
  #min = Infinity
  #max = -Infinity

  get count(): number {
    return this.#count
  }

  /** Infinity while nothing was added. */
  get min(): number {
    return this.#min
  }

  /** -Infinity while nothing was added. */
  get max(): number {
    return this.#max
  }

  /** Takes finite numbers only. */
  add(value: number): void {
    const multiple = multipleOf(value)
    this.#count++
    this.#sum += multiple
    this.#squares += multiple * multiple
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  addAll(other: ExactSums): void {
    this.#count += other.#count
    this.#sum += other.#sum
    this.#squares += other.#squares
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
  }

  /** NaN of nothing. */
  get mean(): number {
    return this.#count === 0 ? NaN : quotient(this.#sum, BigInt(this.#count) << unitBits)
  }

  /** Of the sample, with n - 1 below: NaN for fewer than two. */
  get variance(): number {
    if (this.#count < 2) return NaN
    const n = BigInt(this.#count)
    return quotient(n * this.#squares - this.#sum * this.#sum, (n * (n - 1n)) << (2n * unitBits))
  }
}

/** The smallest double over 0 is 2 to the power of minus this. */
const unitBits = 1074n

const view = new DataView(new ArrayBuffer(8))

/** How many times 2^-1074 a double is, from its bits as IEEE 754 has them. */
function multipleOf(value: number): bigint {
  if (!Number.isFinite(value)) throw new RangeError(`a sum of ${value}; only finite numbers can be added`)
  view.setFloat64(0, value)
  const high = view.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const fraction = BigInt(high & 0xfffff) * 0x1_0000_0000n + BigInt(view.getUint32(4))
  const size = exponent === 0 ? fraction : (fraction + 0x10_0000_0000_0000n) << BigInt(exponent - 1)
  return high >>> 31 === 1 ? -size : size
}

/** a / b for b over 0, rounded where it becomes a double and nowhere else. */
function quotient(a: bigint, b: bigint): number {
  if (a < 0n) return -quotient(-a, b)
  const shift = 70 - (bitLength(a) - bitLength(b))
  const scaled = shift >= 0 ? (a << BigInt(shift)) / b : a / (b << BigInt(-shift))
  const half = Math.trunc(shift / 2) // 2^-shift alone may be too small for a double
  return Number(scaled) * 2 ** -half * 2 ** (half - shift)
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4
}
