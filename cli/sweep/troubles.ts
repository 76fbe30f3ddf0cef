import type { RunName } from './plan.ts'

/** Runs that had the same trouble, but for its numbers. */
export interface TroubleGroup {
  /** What the first of them said. */
  readonly message: string
  readonly run: RunName
  count: number
}

/** More kinds than this are counted and not told apart. */
const maxGroups = 1000

/** What went wrong with runs. However many they are, it keeps one of each kind. */
export class Troubles {
  count = 0
  readonly groups = new Map<string, TroubleGroup>()

  add(run: RunName, message: string): void {
    this.count++
    const kind = message.replace(/\d+(?:\.\d+)?/g, '#')
    const group = this.groups.get(kind)
    if (group !== undefined) group.count++
    else if (this.groups.size < maxGroups) this.groups.set(kind, { message, run, count: 1 })
  }
}
