/**
 * Messages as bytes: four bytes of length (big-endian), then the message in deterministic CBOR (RFC 8949). A value has
 * one encoding only, so that what is no encoding of ours is refused as a whole, and a message that arrives is equal to
 * the one that was sent. Object keys keep their order, as they do in the simulator.
 */
import { copyData, describe, NotPlainData, type Data, type Message } from '@peerlab/engine'
import { decode, encode, Token, Type, type DecodeOptions, type EncodeOptions } from 'cborg'

/** The largest message that fits into a frame, in bytes. The engine's own limit for one value is the same number. */
export const maxMessageBytes = 1 << 20

const lengthBytes = 4

/** Says nothing, and is no message. */
export const emptyFrame: Uint8Array = new Uint8Array(lengthBytes)

/** What came over a connection is no message. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame'
}

/** Throws {@link NotPlainData} for what no message can be, as the simulator does, and a RangeError for a long one. */
export function encodeFrame(message: Message): Uint8Array {
  const body = encode(copyMessage(message), encoding)
  if (body.length > maxMessageBytes) {
    throw new RangeError(
      `a message of type ${describe(message.type)} takes ${body.length} bytes; on real connections at most ` +
        `${maxMessageBytes} are allowed: send it in parts`,
    )
  }
  const frame = new Uint8Array(lengthBytes + body.length)
  new DataView(frame.buffer).setUint32(0, body.length)
  frame.set(body, lengthBytes)
  return frame
}

/** What stands behind the length. */
export function bodyOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(lengthBytes)
}

/** The message in the body of a frame. Throws {@link MalformedFrame} for all that {@link encodeFrame} does not make. */
export function decodeMessage(body: Uint8Array): Message {
  let message: Message
  let again: Uint8Array
  try {
    message = copyMessage(fromMaps(decode(body, decoding)) as unknown as Message)
    again = encode(message, encoding)
  } catch (error) {
    throw new MalformedFrame((error as Error).message, { cause: error })
  }
  // Finds invalid UTF-8 as well, which decodes into replacement characters.
  if (Buffer.compare(again, body) !== 0) throw new MalformedFrame('the bytes are not the one encoding of their value')
  return message
}

/** Cuts what comes over a connection into bodies of frames, however it was divided on the way. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * The bodies that are complete now. Throws {@link MalformedFrame} for a length over the limit: what follows it has no
   * meaning, so the connection is of no use any more.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= lengthBytes) {
      const { buffer, byteOffset } = this.#rest
      const length = new DataView(buffer, byteOffset).getUint32(0)
      if (length > maxMessageBytes) {
        throw new MalformedFrame(`a frame of ${length} bytes; at most ${maxMessageBytes} are allowed`)
      }
      const end = lengthBytes + length
      if (this.#rest.length < end) return
      const body = this.#rest.subarray(lengthBytes, end)
      this.#rest = this.#rest.subarray(end)
      yield body
    }
  }
}

/** What may be sent, copied: what the simulator refuses is refused here too, and a character that UTF-8 does not have. */
function copyMessage(message: Message): Message {
  const copy = copyData(message, 'message')
  if (typeof (copy as Partial<Message> | null)?.type === 'string') return copy
  throw new NotPlainData(`message is ${describe(message)}; it must be an object whose type is a string`)
}

const encoding: EncodeOptions = {
  float64: true,
  mapSorter: () => 0,
  typeEncoders: {
    // The only number that an integer of CBOR does not keep.
    number: (value: number) => (Object.is(value, -0) ? new Token(Type.float, -0) : null),
    string: (value: string) => {
      if (value.isWellFormed()) return null
      throw new NotPlainData(`message has ${describe(value)}, with half of a character; real connections carry UTF-8`)
    },
  },
}

const decoding: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  // An object would take __proto__ for what it is not, and a number as a key for a string.
  useMaps: true,
}

function fromMaps(value: unknown): Data {
  if (Array.isArray(value)) return value.map(fromMaps)
  if (!(value instanceof Map)) return value as Data
  const result: { [key: string]: Data } = {}
  for (const [key, item] of value as Map<unknown, unknown>) {
    if (typeof key !== 'string') throw new MalformedFrame(`${describe(key)} is a key; keys must be strings`)
    if (key === '__proto__') throw new MalformedFrame('__proto__ is a key')
    result[key] = fromMaps(item)
  }
  return result
}
