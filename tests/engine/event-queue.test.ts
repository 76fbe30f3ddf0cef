import { describe, expect, test } from 'vitest'
import { EventQueue } from '../../engine/core/event-queue.ts'
import { fc } from '../support/fast-check.ts'

interface Entry {
  readonly time: number
  readonly sequence: number
  readonly fields: readonly unknown[]
}

/** What the queue must equal: a list, sorted afresh for each pop. */
class SortedList {
  readonly #entries: Entry[] = []

  get nextTime(): number {
    return this.#entries.reduce((least, { time }) => Math.min(least, time), Infinity)
  }

  get size(): number {
    return this.#entries.length
  }

  get nodes(): unknown[] {
    return this.#entries.map(({ fields }) => fields[1])
  }

  get first(): Entry {
    return this.#entries.toSorted((a, b) => a.time - b.time || a.sequence - b.sequence)[0]!
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  pop(): Entry | undefined {
    this.#entries.sort((a, b) => a.time - b.time || a.sequence - b.sequence)
    return this.#entries.shift()
  }
}

/**
 * How long after the last pop an event is due: often at the same time as others, often far away. `undefined` is a pop,
 * and a number one that takes only what is due so long after the last one. Long enough that the arrays grow.
 */
const push = fc.record({
  delay: fc.oneof(fc.nat(12), fc.nat(1000), fc.nat(2 ** 17), fc.nat(2 ** 30), fc.nat(2 ** 48)),
  kind: fc.nat(6),
  node: fc.integer({ min: -1, max: 99 }),
})
const operations = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: push },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.oneof(fc.nat(12), fc.nat(2 ** 17), fc.nat(2 ** 48)) },
  ),
  { maxLength: 400, size: 'max' },
)

describe('the event queue', () => {
  test('equals a list sorted by time and then by order of arrival, under any pushes and pops', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const model = new SortedList()
        const queue = new EventQueue((nodes, count) => {
          const waiting = new Set(model.nodes)
          for (const node of nodes.subarray(0, count)) expect(waiting).toContain(node)
          return 0
        })
        let pushed = 0
        const showsFields = ({ sequence, fields }: Entry): void => {
          expect(queue.sequence).toBe(sequence)
          expect([queue.kind, queue.node, queue.peer, queue.cause, queue.subject]).toEqual(fields)
        }
        const popBoth = (end?: number): void => {
          const isDue = model.size > 0 && model.nextTime <= (end ?? Infinity)
          const { time } = queue
          if (model.size > 0) {
            queue.peek()
            showsFields(model.first)
            expect(queue.time).toBe(time)
          }
          expect(queue.pop(end)).toBe(isDue)
          if (!isDue) return
          expect(queue.time).toBe(model.nextTime)
          showsFields(model.pop()!)
        }
        for (const operation of list) {
          if (typeof operation !== 'object') {
            popBoth(operation === undefined ? undefined : queue.time + operation)
          } else {
            const { delay, kind, node } = operation
            const time = queue.time + delay
            const fields = [kind, node, node - 1, 2 ** 40 + pushed, `subject ${pushed++}`] as const
            model.push({ time, sequence: queue.push(time, ...fields), fields })
          }
          expect([queue.size, queue.nextTime]).toEqual([model.size, model.nextTime])
        }
        while (model.size > 0) popBoth()
        expect(queue.pop()).toBe(false)
      }),
    )
  })

  test('keeps the order of arrival for equal times, however many there are', () => {
    const queue = new EventQueue()
    for (let i = 0; i < 5000; i++) queue.push(7, 1, i, -1, 0, undefined)
    const nodes = Array.from({ length: 5000 }, () => (queue.pop(), queue.node))
    expect(nodes).toEqual(Array.from({ length: 5000 }, (_, i) => i))
  })

  test('numbers events that never wait in the same sequence', () => {
    const queue = new EventQueue()
    const first = queue.push(1, 0, 0, -1, 0, undefined)
    const taken = queue.takeSequence()
    const last = queue.push(1, 0, 0, -1, 0, undefined)
    expect(first < taken && taken < last).toBe(true)
  })
})
