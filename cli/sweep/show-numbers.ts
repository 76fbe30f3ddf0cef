import type { Measure } from '@peerlab/engine'
import { formatNumber } from '../format.ts'
import type { MeasureSummary } from './statistics.ts'

/** How a measure is shown: shares in percent, all else as it is. */
export interface Shown {
  readonly factor: number
  /** Empty where the label says it. */
  readonly unit: string
}

export function shownAs({ unit, label }: Pick<Measure, 'unit' | 'label'>): Shown {
  if (unit === 'share') return { factor: 100, unit: '%' }
  return { factor: 1, unit: unit === label ? '' : unit }
}

/** `93.2`, and `1.5` behind it: the interval has two digits, and the mean ends where it ends. */
export function meanAndHalf({ mean, halfWidth }: MeasureSummary, { factor }: Shown): readonly [string, string | null] {
  if (mean === null) return ['-', null]
  const scaled = mean * factor
  if (halfWidth === null) return [fixed(scaled, decimalsOf(scaled, 4)), null]
  const half = halfWidth * factor
  const decimals = half === 0 ? decimalsOf(scaled, 4) : decimalsOf(half, 2)
  return [fixed(scaled, decimals), half === 0 ? '0' : fixed(half, decimals)]
}

/** A number of which one knows nothing: four digits that count. */
export function plainNumber(value: number): string {
  return formatNumber(value, decimalsOf(value, 4))
}

/** How many decimals a number needs for so many digits that count. A whole number needs none. */
function decimalsOf(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0
  if (Number.isInteger(value) && digits > 2) return 0
  return Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))))
}

function fixed(value: number, decimals: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}
