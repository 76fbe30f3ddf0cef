import type { RecordingData } from './recording.ts'

/** When two runs first do something different, in ms; undefined where they do the same to the end. */
export function firstDivergence(one: RecordingData, other: RecordingData): number | undefined {
  const [a, b] = [one.log, other.log]
  const shorter = Math.min(a.time.length, b.time.length)
  for (let i = 0; i < shorter; i++) {
    const isSame =
      a.time[i] === b.time[i] && a.node[i] === b.node[i] && a.peer[i] === b.peer[i] && a.text[i] === b.text[i]
    if (!isSame) return Math.min(a.time[i]!, b.time[i]!)
  }
  return a.time.length === b.time.length ? undefined : (a.time[shorter] ?? b.time[shorter])
}
