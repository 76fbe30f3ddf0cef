import { checkNumber } from './errors.ts'

/** Virtual time or a span of it, in milliseconds. May have a fraction; the engine rounds to whole microseconds. */
export type Millis = number

/** Virtual time or a span of it, in whole microseconds. Inside the engine only. */
export type Micros = number

/** The longest span and the latest time: about 31 years, so that a sum of two stays an exact integer. */
export const maxMillis: Millis = 1e12

/** Rounds to whole microseconds; throws a RangeError for anything that is no span of virtual time. */
export function toMicros(name: string, value: Millis): Micros {
  return Math.round(checkNumber(`${name} (ms)`, value, { min: 0, max: maxMillis }) * 1000)
}

export function toMillis(value: Micros): Millis {
  return value / 1000
}
