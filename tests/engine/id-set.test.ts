import { expect, test } from 'vitest'
import { IdSet } from '@peerlab/engine'
import { fc } from '../support/fast-check.ts'

test('a set of ids equals a Set, whatever is added and asked', () => {
  const id = fc.constantFrom('', 'a', 'b', 'c', '__proto__')
  fc.assert(
    fc.property(fc.array(id), (ids) => {
      const set = new IdSet()
      const model = new Set<string>()
      for (const each of ids) {
        expect(set.has(each)).toBe(model.has(each))
        set.add(each)
        model.add(each)
        expect(set.size).toBe(model.size)
        for (const other of ['', 'a', 'b', 'c', '__proto__']) expect(set.has(other)).toBe(model.has(other))
      }
    }),
  )
})
