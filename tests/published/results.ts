import { afterAll, expect } from 'vitest'

/** With PEERLAB_PUBLISHED=full every row has as many seeds as its reference asks for; otherwise a sample of them. */
export const isFull = process.env['PEERLAB_PUBLISHED'] === 'full'

/** How many seeds a row runs: in full, and sampled. */
export function seeds(full: number, sampled: number): number[] {
  return Array.from({ length: isFull ? full : sampled }, (_, seed) => seed)
}

interface Row {
  readonly quantity: string
  readonly published: number
  readonly measured: number
  /** Half of the width of what is accepted. */
  readonly tolerance: number
  readonly seeds: number
}

const rows: Row[] = []

afterAll(() => {
  console.log(rows.map(inWords).join('\n'))
  rows.length = 0
})

/**
 * Holds the mean of the values against a published number. A sample may be off by its own error as well: 3 standard
 * errors are added to the tolerance, unless this is the full run.
 */
export function expectPublished(
  quantity: string,
  values: readonly number[],
  published: number,
  tolerance: number,
): void {
  hold(quantity, values, published, tolerance + (isFull ? 0 : 3 * standardError(values)))
}

/** Holds a share of yes (1) and no (0) against a published probability: within 3 standard errors of that probability. */
export function expectProbability(quantity: string, values: readonly (0 | 1)[], published: number): void {
  hold(quantity, values, published, 3 * Math.sqrt((published * (1 - published)) / values.length))
}

function hold(quantity: string, values: readonly number[], published: number, tolerance: number): void {
  const row = { quantity, published, measured: mean(values), tolerance, seeds: values.length }
  rows.push(row)
  expect(Math.abs(row.measured - published), inWords(row)).toBeLessThanOrEqual(tolerance)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function standardError(values: readonly number[]): number {
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
  return Math.sqrt(variance / values.length)
}

function inWords({ quantity, published, measured, tolerance, seeds }: Row): string {
  const number = (value: number): string => value.toPrecision(4)
  return `${quantity}: published ${number(published)}, measured ${number(measured)}, ± ${number(tolerance)}, ${seeds} seeds`
}
