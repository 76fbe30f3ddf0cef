import {
  closestContacts,
  commonPrefixLength,
  compareDistance,
  deriveStream,
  firstDifference,
  idToHex,
  randomIdAt,
  xorDistance,
  type Address,
  type Contact,
  type Data,
  type Id,
  type Random,
  type RunSpec,
} from '@peerlab/engine'
import type { Finding, Outcome, SubjectFactory } from './contract.ts'

/** A call of one of the functions, and what is wrong with a result; undefined where it is right. */
export interface Call {
  readonly name: string
  readonly args: readonly Data[]
  judge(result: Data): string | undefined
  /** What should have come out. */
  readonly expected: string
}

/** Makes the calls in order; the first with a wrong result is the finding. */
export async function judgeCalls(
  property: string,
  calls: readonly Call[],
  spec: RunSpec,
  subject: SubjectFactory,
): Promise<Outcome> {
  const code = await subject()
  for (const { name, args, judge, expected } of calls) {
    const call = `${name}(${args.map(inCode).join(', ')})`
    const base = { property, expected, why: [], spec, call } satisfies Partial<Finding>
    const reply = code.call(name, args)
    if (!reply.ok) {
      const { name: error, message } = reply.error
      if (error === 'MissingExport') {
        const missing = 'the file exports what the task needs'
        return { finding: { ...base, kind: 'missing', property: missing, expected: 'the export', happened: message } }
      }
      return { finding: { ...base, kind: 'crashed', happened: `${name} threw ${error}: ${message}` } }
    }
    const wrong = judge(reply.value)
    if (wrong !== undefined) return { finding: { ...base, kind: 'failed', happened: wrong } }
  }
  return {}
}

/** Ids of which some differ early, some late, and some not at all; short ones first, which are easy to read. */
export function distanceCalls(seed: number): readonly Call[] {
  const random = deriveStream(seed, 'distance')
  const simple = ([2, 8, 32] as const).flatMap((bytes) => {
    const a = anyId(random, bytes)
    const b = anyId(random, bytes)
    return [xorCall(a, b), xorCall(a, a), ...compareCalls(a, b, anyId(random, bytes)), ...compareCalls(a, a, b)]
  })
  // The first byte in which a and b differ decides, and that as a whole number from 0 to 255.
  const target = anyId(random, 20)
  const pairs = Array.from({ length: 20 }, (_, i) => {
    const near = randomIdAt(target, random.integer(160), random)
    return compareCalls(target, near, i % 4 === 0 ? anyId(random, 20) : randomIdAt(near, random.integer(160), random))
  })
  return [...simple, ...pairs.flat()]
}

export function bucketCalls(seed: number): readonly Call[] {
  const random = deriveStream(seed, 'bucket')
  const a = anyId(random, 20)
  const prefixes = [0, 1, 7, 8, 9, 15, 16, 159, ...Array.from({ length: 20 }, () => random.integer(160))]
  return [...prefixes.map((prefix) => bucketCall(a, randomIdAt(a, prefix, random))), bucketCall(a, a)]
}

export function closestCalls(seed: number): readonly Call[] {
  const random = deriveStream(seed, 'closest')
  const crowd = (count: number): Contact[] =>
    random.sample(
      Array.from({ length: count }, (_, i) => ({ id: anyId(random, 8), address: i as Address })),
      count,
    )
  return [
    [3, 3],
    [6, 2],
    [2, 5],
    [0, 3],
    [40, 8],
    [100, 20],
  ].map(([count, wanted]) => closestCall(crowd(count!), anyId(random, 8), wanted!))
}

function xorCall(a: Id, b: Id): Call {
  const right = xorDistance(a, b)
  return {
    name: 'xorDistance',
    args: [a, b],
    expected: `the bytes ${inCode(right)}, in hexadecimal digits`,
    judge: (result) => {
      if (!(result instanceof Uint8Array)) return `it returned ${inCode(result)}, which is no Uint8Array`
      const difference = firstDifference(right, result)
      return difference === undefined ? undefined : `it returned ${inCode(result)}`
    },
  }
}

/** Both ways round. */
function compareCalls(target: Id, a: Id, b: Id): readonly Call[] {
  return [compareCall(target, a, b), compareCall(target, b, a)]
}

function compareCall(target: Id, a: Id, b: Id): Call {
  const right = Math.sign(compareDistance(target, a, b))
  const [one, other] = [xorDistance(target, a), xorDistance(target, b)].map(inCode)
  const sign = (value: number): string => (value < 0 ? 'a negative number' : value > 0 ? 'a positive number' : '0')
  const meaning = right < 0 ? 'a is closer' : right > 0 ? 'b is closer' : 'they are the same'
  return {
    name: 'compareDistance',
    args: [target, a, b],
    expected: `${sign(right)}: ${meaning}. The distances are ${one} and ${other}, and the first byte that differs decides`,
    judge: (result) => {
      const isRight = typeof result === 'number' && Math.sign(result) === right
      return isRight ? undefined : `it returned ${inCode(result)}`
    },
  }
}

function bucketCall(a: Id, b: Id): Call {
  const right = commonPrefixLength(a, b)
  const first = right >> 3
  const bits = [a, b].map((id) => (id[first] ?? 0).toString(2).padStart(8, '0')).join(' and ')
  return {
    name: 'commonPrefixLength',
    args: [a, b],
    expected: right === 8 * a.length ? `${right}: the ids are one` : `${right}: byte ${first} is ${bits} in bits`,
    judge: (result) => (result === right ? undefined : `it returned ${inCode(result)}`),
  }
}

function closestCall(contacts: readonly Contact[], target: Id, count: number): Call {
  const right = closestContacts(contacts, target, count)
  return {
    name: 'closestContacts',
    args: [contacts as unknown as Data, target, count],
    expected: `${right.length} contacts, in this order: ${right.map(({ id }) => idToHex(id)).join(', ')}`,
    judge(result) {
      if (!Array.isArray(result)) return `it returned ${inCode(result)}, which is no list`
      const found = (result as readonly { readonly id?: unknown }[]).map((contact) => contact.id)
      const names = found.map((id) => (id instanceof Uint8Array ? idToHex(id) : 'what is no contact')).join(', ')
      if (firstDifference(right as unknown as Data, result) === undefined) return undefined
      return `it returned ${found.length} contacts: ${names}`
    },
  }
}

function anyId(random: Random, bytes: number): Id {
  return Uint8Array.from({ length: bytes }, () => random.integer(256))
}

function inCode(value: Data): string {
  if (value instanceof Uint8Array) return value.length === 0 ? 'no bytes' : idToHex(value)
  if (!Array.isArray(value))
    return value === undefined ? 'nothing' : typeof value === 'number' ? String(value) : JSON.stringify(value)
  const items = (value as readonly Data[]).map((item) => {
    const { id } = (item ?? {}) as { readonly id?: unknown }
    return id instanceof Uint8Array ? idToHex(id) : inCode(item)
  })
  return `[${(items.length > 6 ? [...items.slice(0, 5), `… ${items.length - 5} more`] : items).join(', ')}]`
}
