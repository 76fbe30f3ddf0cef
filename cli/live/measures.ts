import type { LiveResult } from './live-run.ts'

export type Measures = { readonly [name: string]: number | null }

/** The scenario's measures, as far as a live run has them, and the simulated run's of the same names. */
export function measuresOf({ record: { spread }, sent, simulated }: LiveResult): {
  readonly measured: Measures
  readonly simulated: Measures
} {
  const { coverage, deliveries, duplicates, latest } = spread
  const measured: Measures = {
    coverage,
    residue: 1 - coverage,
    messages: sent,
    duplicates,
    perDelivery: deliveries === 0 ? null : sent / deliveries,
    hops: latest === undefined ? null : Math.max(...latest.hops),
    time50: spread.timeToReach(0.5),
    time95: spread.timeToReach(0.95),
    time100: spread.timeToReach(1),
  }
  const all = simulated.world.measures()
  return { measured, simulated: Object.fromEntries(Object.keys(measured).map((name) => [name, all[name] ?? null])) }
}
