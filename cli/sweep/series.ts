import type { Measure } from '@peerlab/engine'
import type { Group, MeasureSummary } from './statistics.ts'
import type { Shape } from './table.ts'

/** A group on a plot. */
export interface Mark {
  /** The value of the parameter that goes to the right, or its place in the order where it is no number. */
  readonly x: number
  readonly label: string
  readonly summary: MeasureSummary
  /** Null where no run has a value. */
  readonly mean: number | null
  readonly low: number | null
  readonly high: number | null
}

/** Groups that differ only in the parameter that goes to the right. */
export interface Series {
  /** `loss=0.1, topology=ring`; empty where there is only one series. */
  readonly label: string
  readonly marks: readonly Mark[]
}

export interface PlotData {
  /** The parameter that goes to the right. */
  readonly across: string
  /** Whether its values are numbers, so that there is something between them. */
  readonly isNumeric: boolean
  readonly series: readonly Series[]
}

/** One parameter goes to the right, the others tell lines apart. Undefined where none varies. */
export function plotData(shape: Shape, groups: readonly Group[], { name }: Measure): PlotData | undefined {
  const { by } = shape
  const across = chooseAcross(shape, groups)
  if (across === undefined) return undefined
  const values = distinct(groups.map((group) => group.values[across]))
  const isNumeric = values.every((value) => typeof value === 'number')
  const others = by.filter((each) => each !== across)
  const labelOf = ({ values: all }: Group): string => others.map((each) => `${each}=${inWords(all[each])}`).join(', ')
  const series = [...Map.groupBy(groups, labelOf)].map(([label, members]) => ({
    label,
    marks: members.map(({ values: all, measures }) => {
      const summary = measures[name]!
      const { mean, halfWidth } = summary
      const value = all[across]
      return {
        x: isNumeric ? (value as number) : values.indexOf(value),
        label: inWords(value),
        summary,
        mean,
        low: mean === null || halfWidth === null ? null : mean - halfWidth,
        high: mean === null || halfWidth === null ? null : mean + halfWidth,
      }
    }),
  }))
  return { across, isNumeric, series }
}

/** What was named first, or else the parameter with the most numbers. */
function chooseAcross({ by, isOrdered }: Shape, groups: readonly Group[]): string | undefined {
  const rank = (name: string): number => {
    const values = distinct(groups.map((group) => group.values[name]))
    return (values.every((value) => typeof value === 'number') ? 1e9 : 0) + values.length
  }
  const candidates = by.filter((name) => distinct(groups.map((group) => group.values[name])).length > 1)
  return isOrdered ? candidates[0] : candidates.toSorted((a, b) => rank(b) - rank(a))[0]
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Set(values)]
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set')
}
