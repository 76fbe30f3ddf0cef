import { checkNumber } from './errors.ts'

/** Virtual time or a span of it, in milliseconds. May have a fraction; the engine rounds to whole microseconds. */
export type Millis = number

/** Virtual time or a span of it, in whole microseconds. Inside the engine only. */
export type Micros = number

/** The longest span and the latest time: about 31 years, so that a sum of two stays an exact integer. */
export const maxMillis: Millis = 1e12

/** Rounds to whole microseconds; throws a RangeError for anything that is no span of virtual time. */
export function toMicros(name: string, value: Millis): Micros {
  // The name is put together for an error only: every timer and every packet asks.
  if (typeof value !== 'number' || !(value >= 0 && value <= maxMillis))
    checkNumber(`${name} (ms)`, value, { min: 0, max: maxMillis })
  return Math.round(value * 1000)
}

export function toMillis(value: Micros): Millis {
  return value / 1000
}
