/**
 * Checks for values that come from outside: each error names the thing, the value and the range that is allowed.
 */

/** A value as a person would type it, short enough for one line of an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `"${value.slice(0, 37)}…"` : `"${value}"`
  if (typeof value === 'function') return `the function ${value.name || '(unnamed)'}`
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object with ${Object.keys(value).length} keys`
  return Object.is(value, -0) ? '-0' : String(value)
}

export interface Range {
  readonly min: number
  readonly max: number
}

/** Throws unless `value` is a finite number in the closed range. */
export function checkNumber(name: string, value: unknown, { min, max }: Range): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new RangeError(`${name} is ${describe(value)}; it must be a number from ${min} to ${max}`)
  }
  return value
}

/** Throws unless `value` is a whole number in the closed range. */
export function checkInteger(name: string, value: unknown, { min, max }: Range): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} is ${describe(value)}; it must be a whole number from ${min} to ${max}`)
  }
  return value
}
