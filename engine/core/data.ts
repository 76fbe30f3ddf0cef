import { describe } from './errors.ts'

/**
 * What may cross a boundary (a message, a command, a report, a stored value): what JSON can say, plus byte arrays.
 * No undefined, no NaN or infinity, no class instances, no getters, no cycles.
 */
export type Data = null | boolean | number | string | Uint8Array | readonly Data[] | { readonly [key: string]: Data }

/** What a protocol sends. Messages of one protocol are told apart by `type`; all other fields are {@link Data}. */
export interface Message {
  readonly type: string
}

/** What a person or a scenario tells a protocol to do: publish, put, lookup … All other fields are {@link Data}. */
export interface Command {
  readonly type: string
}

/** Deeper values than this are refused, cycles with them. */
export const maxDepth = 32

/** One value may hold at most this many values and bytes in all. */
export const maxDataSize = 1 << 20

/** Thrown for a value that is not {@link Data}. The message names the place: `message.peers[3].id`. */
export class NotPlainData extends TypeError {
  override readonly name = 'NotPlainData'
}

/** A deep copy of plain data. Throws {@link NotPlainData} for anything else; runs no code of the value's. */
export function copyData<T>(value: T, name: string): T {
  return copy(value, name, 0, { left: maxDataSize }) as T
}

/** Like {@link copyData}, for a message or a command: an object that a string `type` tells apart. */
export function copyTyped<T extends Message | Command>(value: T, name: string): T {
  const copied = copyData(value, name) as T | null
  if (typeof copied === 'object' && copied !== null && typeof (copied as Partial<T>).type === 'string') return copied
  throw new NotPlainData(`${name} is ${describe(value)}; it must be an object whose type is a string`)
}

/** The path of the first difference between two plain values (`.ttl: 4 → 3`), or undefined when they are equal. */
export function firstDifference(before: unknown, after: unknown, path = ''): string | undefined {
  if (Object.is(before, after)) return undefined
  const bothObjects = typeof before === 'object' && before !== null && typeof after === 'object' && after !== null
  if (!bothObjects || shapeOf(before) !== shapeOf(after)) {
    return `${path || 'the value'}: ${describe(before)} → ${describe(after)}`
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const step = Array.isArray(before) ? `[${key}]` : `.${key}`
    const found = firstDifference(fieldOf(before, key), fieldOf(after, key), path + step)
    if (found !== undefined) return found
  }
  return undefined
}

function shapeOf(value: object): 'array' | 'bytes' | 'object' {
  if (Array.isArray(value)) return 'array'
  return isBytes(value) ? 'bytes' : 'object'
}

function fieldOf(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key]
}

function copy(value: unknown, path: string, depth: number, budget: { left: number }): Data {
  spend(budget, 1, path)
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      spend(budget, value.length, path)
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new NotPlainData(`${path} is ${value}; numbers must be finite`)
      return value
    case 'object':
      if (value === null) return null
      if (depth >= maxDepth) throw new NotPlainData(`${path} is nested deeper than ${maxDepth} levels, or in a cycle`)
      if (isBytes(value)) return copyBytes(value, path, budget)
      return Array.isArray(value) ? copyArray(value, path, depth, budget) : copyObject(value, path, depth, budget)
    case 'undefined':
      throw new NotPlainData(`${path} is undefined; leave the field out, or use null`)
    default:
      throw new NotPlainData(`${path} is ${describe(value)}; only plain data can be sent`)
  }
}

function spend(budget: { left: number }, amount: number, path: string): void {
  budget.left -= amount
  if (budget.left < 0) throw new NotPlainData(`${path} is past the limit of ${maxDataSize} values and bytes in all`)
}

function copyArray(value: readonly unknown[], path: string, depth: number, budget: { left: number }): Data {
  if (value.length > budget.left) throw new NotPlainData(`${path} has ${value.length} items, over the limit`)
  const result: Data[] = []
  for (let i = 0; i < value.length; i++) {
    result.push(copy(ownValue(value, String(i), `${path}[${i}]`), `${path}[${i}]`, depth + 1, budget))
  }
  return result
}

function copyObject(value: object, path: string, depth: number, budget: { left: number }): Data {
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object of another realm has that realm's Object.prototype, whose own prototype is null too.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new NotPlainData(`${path} is ${kindOf(value)}; send a plain object or an array instead`)
  }
  const result: Record<string, Data> = {}
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw new NotPlainData(`${path} has a symbol as a key; keys must be strings`)
    if (key === '__proto__') throw new NotPlainData(`${path} has a key named __proto__`)
    result[key] = copy(ownValue(value, key, `${path}.${key}`), `${path}.${key}`, depth + 1, budget)
  }
  return result
}

/** Reads a field without running a getter, so that a value cannot change between two reads. */
function ownValue(value: object, key: string, path: string): unknown {
  const property = Object.getOwnPropertyDescriptor(value, key)
  if (property === undefined) throw new NotPlainData(`${path} is a hole in an array`)
  if (!('value' in property)) throw new NotPlainData(`${path} is a getter; only plain values can be sent`)
  return property.value
}

// Of the typed arrays themselves, so that neither a subclass nor an own property can put its code in between.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object
const tagOf = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!.get!
const lengthOf = Object.getOwnPropertyDescriptor(typedArray, 'length')!.get!

function isBytes(value: object): value is Uint8Array {
  return tagOf.call(value) === 'Uint8Array'
}

function copyBytes(value: Uint8Array, path: string, budget: { left: number }): Uint8Array {
  const length = lengthOf.call(value) as number
  spend(budget, length, path)
  const bytes = new Uint8Array(length)
  bytes.set(value)
  return bytes
}

/** `a Map`, as far as that is known without running code of the value's. */
function kindOf(value: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(value) as object,
    'constructor',
  )?.value
  const name: unknown =
    typeof constructor === 'function' ? Object.getOwnPropertyDescriptor(constructor, 'name')?.value : ''
  return typeof name === 'string' && name !== '' ? `a ${name}` : 'an instance of a class'
}
