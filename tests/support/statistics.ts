/** Mean and standard error of the mean of what was measured. */
export interface Summary {
  readonly mean: number
  readonly standardError: number
  readonly count: number
}

export function summarize(values: readonly number[]): Summary {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  return { mean, standardError: Math.sqrt(variance / count), count }
}
