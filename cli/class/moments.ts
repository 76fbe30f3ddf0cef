import { WrongUse } from '../failure.ts'

const written = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * A moment in ms since 1970, from ISO 8601: `2026-11-30T18:00+01:00`. Without an offset it is UTC, and a day alone is its
 * last moment, so that every machine reads the same. Undefined for anything else, the 31st of November included.
 */
export function readMoment(text: string): number | undefined {
  const [, day, time = '23:59:59.999', offset = 'Z'] = written.exec(text.trim()) ?? []
  if (day === undefined) return undefined
  const dayStart = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(dayStart) || !new Date(dayStart).toISOString().startsWith(day)) return undefined
  const sign = offset.toUpperCase() === 'Z' ? 'Z' : offset.replace(/^(...)(\d\d)$/, '$1:$2')
  const moment = Date.parse(`${day}T${time}${sign}`)
  return Number.isNaN(moment) ? undefined : moment
}

/** What is taken off for being late. */
export interface LateRule {
  /** Of the points that were reached, from 0 to 1, for each unit that has begun. */
  readonly share: number
  /** In ms. */
  readonly unit: number
  /** The most that is taken off, from 0 to 1. */
  readonly most: number
}

export const dayMillis = 86_400_000
const units: { readonly [name: string]: number } = { day: dayMillis, hour: 3_600_000 }

/** Reads `10%/day` and, for the most, `50%`. */
export function readLateRule(rule: string | undefined, most: string | undefined): LateRule | undefined {
  if (rule === undefined) {
    if (most === undefined) return undefined
    throw new WrongUse('--late-max says how much --late takes off at most, and --late is not there.', lateExample)
  }
  const [, share, unit = ''] = /^(\d+(?:\.\d+)?)\s*%\s*\/\s*(day|hour)$/i.exec(rule.trim()) ?? []
  const percent = Number(share)
  if (!(percent >= 0 && percent <= 100)) throw new WrongUse(`--late cannot be "${rule}".`, lateExample)
  return { share: percent / 100, unit: units[unit.toLowerCase()]!, most: most === undefined ? 1 : readPercent(most) }
}

function readPercent(text: string): number {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) ?? []
  if (percent === undefined || Number(percent) > 100) {
    throw new WrongUse(`--late-max cannot be "${text}".`, lateExample)
  }
  return Number(percent) / 100
}

const lateExample = 'For example: --late 10%/day --late-max 50%'

/** The share of the points that is lost, from 0 to 1: `share` for each unit that has begun. */
export function penaltyOf(lateMillis: number, rule: LateRule | undefined): number {
  if (rule === undefined || lateMillis <= 0) return 0
  return Math.min(rule.most, Math.ceil(lateMillis / rule.unit) * rule.share)
}
