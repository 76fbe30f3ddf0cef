import type { Data } from '@peerlab/engine'
import { fc } from './fast-check.ts'

/** Any plain data a few levels deep: every type, awkward keys and numbers among them. */
export const plainData: fc.Arbitrary<Data> = fc.letrec<{ value: Data }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 6 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc
        .oneof(fc.string({ maxLength: 4 }), fc.constantFrom('constructor', 'toString', 'length', 'type', '0'))
        .filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value

/** JSON with a mark on what JSON cannot tell apart. Keys keep their order. */
export function spelled(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return { bytes: [...item] }
    return Object.is(item, -0) ? { number: '-0' } : item
  })
}
