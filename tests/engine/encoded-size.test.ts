import { encodedSize } from '@peerlab/engine'
import { decode, encode } from 'cborg'
import { expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

test('is the length of the bytes that the value becomes, and they become the value again', () => {
  fc.assert(
    fc.property(plainData, (value) => {
      const bytes = encode(value)
      expect(encodedSize(value)).toBe(bytes.length)
      expect(encodedSize(decode(bytes))).toBe(bytes.length)
    }),
    cases(300),
  )
})

test.each([
  [0, 1],
  [23, 1],
  [24, 2],
  [255, 2],
  [256, 3],
  [-1, 1],
  [1.5, 3],
  [0.1, 9],
  ['', 1],
  ['ä', 3],
  [new Uint8Array(1000), 1003],
  [[1, [2]], 4],
  [{ type: 'ping' }, 11],
] as const)('is what RFC 8949 gives: %j takes %i bytes', (value, size) => {
  expect(encodedSize(value)).toBe(size)
})
