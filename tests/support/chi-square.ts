/**
 * Pearson's statistic of counts against equal expectation, turned into a standard normal deviate by Wilson and
 * Hilferty's cube root (1931). A fair source stays under 4.5 but for 3 in a million seeds, and our seeds are fixed: so a
 * failure means a bias and no bad luck.
 */
export function deviateFromUniform(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const expected = total / counts.length
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const freedom = counts.length - 1
  const variance = 2 / (9 * freedom)
  return (Math.cbrt(statistic / freedom) - (1 - variance)) / Math.sqrt(variance)
}

/** What {@link deviateFromUniform} of a fair source stays under. */
export const fairDeviate = 4.5

/** How often each of `cells` values came in `draws` calls. */
export function tally(cells: number, draws: number, draw: () => number): number[] {
  const counts = new Array<number>(cells).fill(0)
  for (let i = 0; i < draws; i++) counts[draw()]!++
  return counts
}
