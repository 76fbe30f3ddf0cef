/**
 * The shows of hands, as the leader typed them. Windows of one browser tell each other, so what is typed in the
 * presenter's view stands on the projector as well, and a window that opens later hears of it. A window keeps what it
 * has through a reload, and forgets it when it is closed: the next workshop has other hands.
 */
import { reactive } from 'vue'

/** What is known of one prediction. */
export interface Hands {
  /** For each option. */
  readonly counts: readonly number[]
  /** Whether the leader has shown what happened. */
  readonly isRevealed: boolean
  /** How often it was changed. Of two versions the one with more changes holds, whatever order they arrive in. */
  readonly changes: number
}

/** The part of a BroadcastChannel that is used here. */
export interface Channel {
  postMessage(data: unknown): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** The part of a Storage that is used here. */
export interface Memory {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export interface Votes {
  /** The hands of a prediction with so many options; none, where nothing was typed. */
  of(id: string, options: number): Hands
  /** `hands` is what somebody typed: it is rounded, and kept between 0 and 999. */
  setHands(id: string, options: number, option: number, hands: number): void
  setRevealed(id: string, options: number, isRevealed: boolean): void
}

/** Asked by a window that has just come. */
const question = 'what did you hear?'
const storageKey = 'peerlab-predictions'
const most = 999

/** Without a channel a window is alone, without a memory it starts anew. */
export function openVotes(channel?: Channel, memory?: Memory): Votes {
  const known = reactive(new Map<string, Hands>(remembered(memory)))

  channel?.addEventListener('message', ({ data }) => {
    if (data === question) for (const id of known.keys()) tell(id)
    else if (isEntry(data)) hear(data)
  })
  channel?.postMessage(question)

  function of(id: string, options: number): Hands {
    const hands = known.get(id)
    // A deck that is being edited may have other options than before.
    if (hands !== undefined && hands.counts.length === options) return hands
    return { counts: Array.from({ length: options }, () => 0), isRevealed: false, changes: hands?.changes ?? 0 }
  }

  function change(id: string, before: Hands, by: Partial<Hands>): void {
    known.set(id, { ...before, ...by, changes: before.changes + 1 })
    remember()
    tell(id)
  }

  function hear([id, hands]: Entry): void {
    const ours = known.get(id)
    if (ours !== undefined && !isNewer(hands, ours)) return
    known.set(id, hands)
    remember()
  }

  function tell(id: string): void {
    channel?.postMessage(plain(id, known.get(id)!))
  }

  function remember(): void {
    try {
      memory?.setItem(storageKey, JSON.stringify([...known].map(([id, hands]) => plain(id, hands))))
    } catch {
      // Full, or forbidden: the hands then live as long as the page.
    }
  }

  return {
    of,
    setHands(id, options, option, hands) {
      const before = of(id, options)
      const count = Math.min(Math.max(Math.round(Number.isFinite(hands) ? hands : 0), 0), most)
      change(id, before, { counts: before.counts.map((each, index) => (index === option ? count : each)) })
    },
    setRevealed(id, options, isRevealed) {
      change(id, of(id, options), { isRevealed })
    },
  }
}

/** The votes of this window. */
export const votes = openVotes(
  typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('peerlab-predictions'),
  memoryOfWindow(),
)

type Entry = readonly [id: string, hands: Hands]

/** A browser that is told to keep nothing throws already when it is asked for its storage. */
function memoryOfWindow(): Memory | undefined {
  try {
    return (globalThis as { readonly sessionStorage?: Memory }).sessionStorage
  } catch {
    return undefined
  }
}

function remembered(memory: Memory | undefined): readonly Entry[] {
  try {
    const entries: unknown = JSON.parse(memory?.getItem(storageKey) ?? '[]')
    return Array.isArray(entries) ? entries.filter(isEntry) : []
  } catch {
    return []
  }
}

/** Two windows may change the same prediction at once: then both keep the same one of the two, whichever. */
function isNewer(one: Hands, other: Hands): boolean {
  if (one.changes !== other.changes) return one.changes > other.changes
  return JSON.stringify(plain('', one)) > JSON.stringify(plain('', other))
}

/** A channel copies plain data only, and what the map hands out is reactive. */
function plain(id: string, { counts, isRevealed, changes }: Hands): Entry {
  return [id, { counts: [...counts], isRevealed, changes }]
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const { counts, isRevealed, changes } = (value[1] ?? {}) as Partial<Hands>
  return isCounts(counts) && typeof isRevealed === 'boolean' && isCount(changes, Infinity)
}

function isCounts(value: unknown): boolean {
  return Array.isArray(value) && value.every((count) => isCount(count, most))
}

function isCount(value: unknown, limit: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limit
}
