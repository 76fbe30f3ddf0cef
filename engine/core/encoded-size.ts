import { encodedLength } from 'cborg/length'
import type { Data, Message } from './data.ts'

/** What IPv4 (20 bytes) and UDP (8 bytes) put in front of every datagram: RFC 791, RFC 768. */
export const datagramHeader = 28

/**
 * How many bytes a value takes on the wire: its length in deterministic CBOR (RFC 8949). A size is never the sender's
 * word, and protocols that say the same cost the same.
 */
export function encodedSize(value: Data | Message): number {
  return encodedLength(value)
}
