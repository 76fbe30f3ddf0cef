import type { Data, Message } from '@peerlab/engine'
import { encode } from 'cborg'
import { describe, expect, it } from 'vitest'
import {
  bodyOf,
  decodeMessage,
  encodeFrame,
  FrameReader,
  MalformedFrame,
  maxMessageBytes,
} from '../../../cli/live/codec.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { plainData, spelled } from '../../support/plain-data.ts'

const lengthBytes = 4
const message: fc.Arbitrary<Message> = fc
  .tuple(fc.string(), plainData)
  .map(([type, value]) => ({ type, value }) as Message)

function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

/** A frame with this length and this beginning of a body. */
function frameOf(length: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const frame = new Uint8Array(lengthBytes + body.length)
  new DataView(frame.buffer).setUint32(0, length)
  frame.set(body, lengthBytes)
  return frame
}

function read(reader: FrameReader, bytes: Uint8Array): Uint8Array[] {
  return [...reader.push(bytes)].map((body) => Uint8Array.from(body))
}

describe('the codec of real connections', () => {
  it('brings every message back as it was, with the order of its keys', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(spelled(decodeMessage(bodyOf(encodeFrame(sent))))).toBe(spelled(sent))
      }),
      cases(500),
    )
  })

  it('copies: what is changed after the sending stays at home', () => {
    const sent = { type: 'rumor', ids: ['a'], bytes: new Uint8Array([1]) }
    const frame = encodeFrame(sent)
    sent.ids.push('b')
    sent.bytes[0] = 9
    expect(decodeMessage(bodyOf(frame))).toEqual({ type: 'rumor', ids: ['a'], bytes: new Uint8Array([1]) })
  })

  it.each([
    ['no type', { id: 1 }],
    ['a type that is a number', { type: 1 }],
    ['undefined', { type: 'a', value: undefined }],
    ['an infinity', { type: 'a', value: Infinity }],
    ['a function', { type: 'a', value: () => 1 }],
    ['a class instance', { type: 'a', value: new Map() }],
    ['a key __proto__', JSON.parse('{"type":"a","__proto__":1}')],
    ['half of a character', { type: 'a', value: '\ud800' }],
    ['half of a character in a key', { type: 'a', '\ud800': 1 }],
  ])('refuses to send %s', (_what, value) => {
    expect(() => encodeFrame(value as Message)).toThrow(/message/)
  })

  it('refuses to send more than fits into a frame, and sends what just fits', () => {
    const withBytes = (length: number): Message => ({ type: 'a', value: new Uint8Array(length) }) as Message
    const rest = bodyOf(encodeFrame(withBytes(maxMessageBytes / 2))).length - maxMessageBytes / 2
    expect(() => encodeFrame(withBytes(maxMessageBytes - rest + 1))).toThrow(/takes 1048577 bytes.+send it in parts/)
    const frame = encodeFrame(withBytes(maxMessageBytes - rest))
    expect(frame.length).toBe(lengthBytes + maxMessageBytes)
    expect(() => decodeMessage(bodyOf(frame))).not.toThrow()
  })

  it('reads frames however the bytes are divided on the way', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sent, sizes) => {
          const bytes = Buffer.concat(sent.map(encodeFrame))
          const reader = new FrameReader()
          const got: Data[] = []
          for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!) {
            const chunk = bytes.subarray(at, at + sizes[i % sizes.length]!)
            for (const body of reader.push(chunk)) got.push(decodeMessage(body) as unknown as Data)
          }
          expect(spelled(got)).toBe(spelled(sent))
        },
      ),
      cases(200),
    )
  })

  it('waits for the rest of a frame, and gives the stream up at a length over the limit', () => {
    const reader = new FrameReader()
    expect(read(reader, frameOf(2, new Uint8Array([7])))).toEqual([])
    expect(read(reader, new Uint8Array([8]))).toEqual([new Uint8Array([7, 8])])
    expect(read(reader, frameOf(maxMessageBytes))).toEqual([])
    expect(() => read(new FrameReader(), frameOf(maxMessageBytes + 1))).toThrow(MalformedFrame)
  })

  it.each([
    ['nothing', ''],
    ['a broken beginning', 'a2 64'],
    ['more behind the message', 'a1 64 74797065 61 61 00'],
    ['no object', '83 01 02 03'],
    ['no type', 'a1 61 61 01'],
    ['a type that is bytes', 'a1 64 74797065 41 61'],
    ['a key that is a number', 'a2 64 74797065 61 61 01 02'],
    ['a key that comes twice', 'a2 64 74797065 61 61 64 74797065 61 62'],
    ['a key __proto__', 'a2 64 74797065 61 61 69 5f5f70726f746f5f5f 80'],
    ['undefined', 'a2 64 74797065 61 61 61 62 f7'],
    ['NaN', 'a2 64 74797065 61 61 61 62 fb7ff8000000000000'],
    ['an infinity', 'a2 64 74797065 61 61 61 62 fb7ff0000000000000'],
    ['an integer over 2^53', 'a2 64 74797065 61 61 61 62 1bffffffffffffffff'],
    ['a tag', 'a2 64 74797065 61 61 61 62 c1 01'],
    ['an array without a length', 'a2 64 74797065 61 61 61 62 9f ff'],
    ['a number in more bytes than it needs', 'a2 64 74797065 61 61 61 62 18 01'],
    ['a whole number as a float', 'a2 64 74797065 61 61 61 62 fb3ff0000000000000'],
    ['a string that is no UTF-8', 'a2 64 74797065 61 61 61 62 61 c3'],
    ['33 levels', `a2 64 74797065 61 61 61 62 ${'81'.repeat(31)} 80`],
    ['a depth that no stack has', `a2 64 74797065 61 61 61 62 ${'81'.repeat(500_000)} 01`],
    ['an array of four billion items', 'a2 64 74797065 61 61 61 62 9affffffff'],
  ])('refuses a frame with %s', (_what, hex) => {
    expect(() => decodeMessage(fromHex(hex))).toThrow(MalformedFrame)
  })

  it('takes 32 levels, as the simulator does', () => {
    expect(() => decodeMessage(fromHex(`a2 64 74797065 61 61 61 62 ${'81'.repeat(30)} 80`))).not.toThrow()
  })

  it('takes any bytes for a message or refuses them, and never breaks', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      // One changed byte of a real message: most such bytes are nearly right.
      fc.tuple(message, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([sent, at, change]) => {
        const body = encode(sent)
        body[at % body.length]! ^= change
        return body
      }),
    )
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let taken: Message
        try {
          taken = decodeMessage(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame)
          return
        }
        expect([...bodyOf(encodeFrame(taken))]).toEqual([...bytes])
      }),
      cases(1000),
    )
  })
})
