import vm from 'node:vm'
import { copyData, NotPlainData } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { plainData, spelled } from '../support/plain-data.ts'

/** A function makes each value, so that a getter or a trap is fresh in every test. */
const refused: readonly (readonly [name: string, make: () => unknown, message: string])[] = [
  ['undefined', () => ({ a: undefined }), 'message.a is undefined; leave the field out, or use null'],
  ['undefined itself', () => undefined, 'message is undefined'],
  ['NaN', () => ({ ttl: NaN }), 'message.ttl is NaN; numbers must be finite'],
  ['infinity', () => [1, -Infinity], 'message[1] is -Infinity; numbers must be finite'],
  [
    'a function',
    () => ({ peers: [{}, {}, {}, { id: Math.max }] }),
    'message.peers[3].id is the function max; only plain data',
  ],
  ['a big integer', () => ({ n: 5n }), 'message.n is 5n; only plain data'],
  ['a symbol', () => ({ tag: Symbol('x') }), 'message.tag is Symbol(x); only plain data'],
  ['a symbol as a key', () => ({ a: { [Symbol('x')]: 1 } }), 'message.a has a symbol as a key'],
  ['a map', () => ({ seen: new Map() }), 'message.seen is a Map; send a plain object or an array instead'],
  ['a set', () => ({ seen: new Set() }), 'message.seen is a Set'],
  ['a date', () => ({ at: new Date(0) }), 'message.at is a Date'],
  ['an error', () => new Error('x'), 'message is a Error'],
  ['an instance of a class', () => [new (class Contact {})()], 'message[0] is a Contact'],
  ['an instance of an unnamed class', () => [new (class {})()], 'message[0] is an instance of a class'],
  ['another typed array', () => ({ words: new Uint16Array(2) }), 'message.words is a Uint16Array'],
  ['a bare buffer', () => ({ bytes: new ArrayBuffer(2) }), 'message.bytes is a ArrayBuffer'],
  [
    'a getter',
    () => ({
      get ttl() {
        return 1
      },
    }),
    'message.ttl is a getter',
  ],
  ['a hole in an array', () => ({ list: [1, , 3] }), 'message.list[1] is a hole in an array'], // eslint-disable-line no-sparse-arrays
  [
    'a key named __proto__',
    () => JSON.parse('{"a":{"__proto__":{"isAdmin":true}}}') as unknown,
    'message.a has a key named __proto__',
  ],
]

describe('copyData refuses, and names the place of,', () => {
  test.each(refused)('%s', (_name, make, message) => {
    const attempt = (): unknown => copyData(make(), 'message')
    expect(attempt).toThrow(NotPlainData)
    expect(attempt).toThrow(message)
  })

  test('a cycle', () => {
    const cycle: Record<string, unknown> = { name: 'loop' }
    cycle['self'] = { back: cycle }
    expect(() => copyData(cycle, 'message')).toThrow(
      /^message(\.self\.back)+(\.self)? is nested deeper than 32 levels, or in a cycle$/,
    )
  })

  test('33 levels, while 32 are fine', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    expect(copyData(nested(32), 'message')).toEqual(nested(32))
    expect(() => copyData(nested(33), 'message')).toThrow('nested deeper than 32 levels')
  })

  test.each([
    ['a long list', () => ({ type: 'x', list: new Array<number>(2 ** 20).fill(0) })],
    ['a long string', () => ({ type: 'x', text: 'x'.repeat(2 ** 20) })],
    ['a long array of bytes', () => ({ type: 'x', bytes: new Uint8Array(2 ** 20) })],
    ['many values in small parts', () => Array.from({ length: 1100 }, () => new Array<number>(1000).fill(0))],
    ['a list that claims to be endless', () => Object.assign([], { length: 2 ** 32 - 1 })],
  ])('%s, over the limit of 2^20 values and bytes', (_name, make) => {
    expect(() => copyData(make(), 'message')).toThrow(/^message.* limit/)
  })
})

describe('copyData accepts', () => {
  test('a value just under the limit', () => {
    const value = { bytes: new Uint8Array(2 ** 20 - 10) }
    expect(copyData(value, 'message').bytes.length).toBe(2 ** 20 - 10)
  })

  test('objects without a prototype', () => {
    expect(copyData(Object.assign(Object.create(null), { a: 1 }), 'message')).toEqual({ a: 1 })
  })

  test('objects, arrays and bytes of another realm, as values of this one', () => {
    const foreign: unknown = vm.runInNewContext(
      '({ list: [1, { a: "b" }], bytes: new Uint8Array([1, 2]), none: null })',
    )
    const copy = copyData(foreign, 'message') as { list: unknown[]; bytes: Uint8Array }
    expect(copy).toEqual({ list: [1, { a: 'b' }], bytes: new Uint8Array([1, 2]), none: null })
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(copy.list).toBeInstanceOf(Array)
    expect(copy.bytes).toBeInstanceOf(Uint8Array)
  })

  test('no instance of a class of another realm', () => {
    expect(() => copyData(vm.runInNewContext('[new (class Contact {})()]'), 'message')).toThrow(
      'message[0] is a Contact',
    )
    expect(() => copyData(vm.runInNewContext('new Map()'), 'message')).toThrow('message is a Map')
  })
})

describe('the copy', () => {
  test('equals the value, types and order of keys included', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        expect(spelled(copyData(value, 'value'))).toBe(spelled(value))
      }),
    )
  })

  test('shares nothing with the value, at any depth', () => {
    const value = { list: [{ a: [1] }], bytes: new Uint8Array([1, 2, 3]), nested: { deep: { x: 'y' } } }
    const copy = copyData(value, 'value')
    const before = spelled(copy)
    value.list[0]!.a[0] = 99
    value.bytes[0] = 99
    value.nested.deep.x = 'changed'
    value.list.push({ a: [] })
    expect(spelled(copy)).toBe(before)
  })

  test('of a view of bytes holds the view alone, not the buffer behind it', () => {
    const view = new Uint8Array(1000).subarray(10, 12)
    expect(copyData(view, 'value').buffer.byteLength).toBe(2)
  })
})

describe('copying runs no code that the value brings:', () => {
  const ran: string[] = []
  const trap = (name: string) => ({ configurable: true, enumerable: true, get: () => ran.push(name) })
  const bytes = (): Uint8Array => new Uint8Array([1, 2, 3])

  test.each([
    ['a getter of an object', () => Object.defineProperty({}, 'a', trap('field'))],
    ['a getter in a list', () => Object.defineProperty([1], 0, trap('item'))],
    ['a toJSON method', () => ({ toJSON: () => ran.push('toJSON') })],
    [
      'an iterator of a byte array',
      () =>
        Object.assign(bytes(), {
          *[Symbol.iterator]() {
            ran.push('iterator')
            yield 1
          },
        }),
    ],
    ['a length of a byte array', () => Object.defineProperty(bytes(), 'length', trap('length'))],
    [
      'a constructor of a class',
      () => Object.create(Object.defineProperty({}, 'constructor', trap('constructor'))) as unknown,
    ],
  ])('%s', (_name, make) => {
    ran.length = 0
    try {
      copyData({ value: make() }, 'message')
    } catch (error) {
      expect(error).toBeInstanceOf(NotPlainData)
    }
    expect(ran).toEqual([])
  })
})
