/** What the leader types in one window stands in all of them, whatever happens on the way. */
import { describe, expect, test } from 'vitest'
import { openVotes, type Channel, type Memory, type Votes } from '../../slides/theme/components/votes.ts'
import { cases, fc } from '../support/fast-check.ts'

type Listener = (event: { readonly data: unknown }) => void

/** A room of windows: what one says waits until it is handed to each other one, in an order that the test chooses. */
class Room {
  readonly #members: { readonly inbox: unknown[]; readonly listeners: Listener[] }[] = []

  join(): Channel {
    const member = { inbox: [] as unknown[], listeners: [] as Listener[] }
    this.#members.push(member)
    return {
      postMessage: (data) => {
        for (const other of this.#members) if (other !== member) other.inbox.push(structuredClone(data))
      },
      addEventListener: (_type, listener) => member.listeners.push(listener),
    }
  }

  /** Hands out one waiting message; false when none waits. */
  deliver(choice: number): boolean {
    const waiting = this.#members.filter(({ inbox }) => inbox.length > 0)
    if (waiting.length === 0) return false
    const { inbox, listeners } = waiting[choice % waiting.length]!
    const [data] = inbox.splice(choice % inbox.length, 1)
    for (const listener of listeners) listener({ data })
    return true
  }

  deliverAll(): void {
    while (this.deliver(0));
  }
}

function memory(text?: string): Memory & { text: string | null } {
  return {
    text: text ?? null,
    getItem() {
      return this.text
    },
    setItem(_key, value) {
      this.text = value
    },
  }
}

const counts = (votes: Votes): readonly number[] => votes.of('fanout', 4).counts

describe('the hands of a prediction', () => {
  test('are none before anybody typed', () => {
    expect(openVotes().of('fanout', 4)).toEqual({ counts: [0, 0, 0, 0], isRevealed: false, changes: 0 })
  })

  test('are whole numbers from 0 to 999, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer()), (typed) => {
        const votes = openVotes()
        votes.setHands('fanout', 4, 1, typed)
        const [, count] = counts(votes)
        expect(Number.isInteger(count) && count! >= 0 && count! <= 999).toBe(true)
        if (Number.isInteger(typed) && typed >= 0 && typed <= 999) expect(count).toBe(typed)
      }),
      cases(200),
    )
  })

  test('stand in every window, also in one that opens later', () => {
    const room = new Room()
    const presenter = openVotes(room.join())
    const audience = openVotes(room.join())
    presenter.setHands('fanout', 4, 2, 17)
    presenter.setRevealed('fanout', 4, true)
    room.deliverAll()
    const late = openVotes(room.join())
    room.deliverAll()
    for (const votes of [presenter, audience, late]) {
      expect(votes.of('fanout', 4)).toMatchObject({ counts: [0, 0, 17, 0], isRevealed: true })
    }
  })

  test('are the same in all windows in the end, in whatever order they were typed and told', () => {
    const step = fc.record({
      window: fc.nat(2),
      option: fc.nat(3),
      hands: fc.nat(5),
      isTold: fc.boolean(),
      choice: fc.nat(9),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const room = new Room()
        const windows = [0, 1, 2].map(() => openVotes(room.join()))
        for (const { window, option, hands, isTold, choice } of steps) {
          windows[window]!.setHands('fanout', 4, option, hands)
          if (isTold) room.deliver(choice)
        }
        room.deliverAll()
        const [one, ...others] = windows.map((window) => window.of('fanout', 4))
        for (const other of others) expect(other).toEqual(one)
      }),
      cases(200),
    )
  })

  test('survive a reload, and give way to what others typed meanwhile', () => {
    const room = new Room()
    const kept = memory()
    const before = openVotes(room.join(), kept)
    const audience = openVotes(room.join())
    before.setHands('fanout', 4, 0, 8)
    room.deliverAll()
    audience.setHands('fanout', 4, 3, 5)
    const after = openVotes(room.join(), memory(kept.text!))
    expect(counts(after)).toEqual([8, 0, 0, 0])
    room.deliverAll()
    expect(counts(after)).toEqual([8, 0, 0, 5])
  })

  test('are none after a reload when what was kept is broken, and none of it is believed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const votes = openVotes(undefined, memory(text))
        expect(counts(votes)).toEqual([0, 0, 0, 0])
        votes.setHands('fanout', 4, 1, 3)
        expect(counts(votes)).toEqual([0, 3, 0, 0])
      }),
      cases(200),
    )
  })

  test('work without a memory that lets itself be written', () => {
    const full: Memory = {
      getItem: () => null,
      setItem: () => {
        throw new Error('quota exceeded')
      },
    }
    const votes = openVotes(undefined, full)
    votes.setHands('fanout', 4, 1, 3)
    expect(counts(votes)).toEqual([0, 3, 0, 0])
  })

  test('begin anew when the deck has other options than before', () => {
    const votes = openVotes()
    votes.setHands('fanout', 4, 1, 3)
    expect(votes.of('fanout', 3).counts).toEqual([0, 0, 0])
  })
})
