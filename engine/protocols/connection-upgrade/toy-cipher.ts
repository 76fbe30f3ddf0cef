/**
 * Keys that two peers agree on while a third one listens, and a cipher: Diffie and Hellman, "New directions in
 * cryptography", 1976, modulo 2^31 - 1, and a key stream of SHA-256. It stands for X25519 and ChaCha20-Poly1305. It has
 * their shape, so what a listener sees are bytes that it cannot read; and none of their strength: 31 bits are broken in a
 * moment, and nothing is authenticated.
 */
import { sha256 } from '../../core/hash.ts'
import type { Random } from '../../core/random.ts'

const prime = 2 ** 31 - 1
const generator = 7

export function drawSecret(random: Random): number {
  return 1 + random.integer(prime - 2)
}

export function publicKeyOf(secret: number): number {
  return power(generator, secret)
}

export function isPublicKey(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) < prime
}

/** What both have in the end. */
export function sharedKey(secret: number, peerPublicKey: number): number {
  return power(peerPublicKey, secret)
}

/**
 * @param text of ASCII
 * @param nonce never the same twice under one key
 */
export function sealText(text: string, key: number, nonce: string): Uint8Array {
  return withKeyStream(asciiBytes(text), key, nonce)
}

/** The way back. With a wrong key it is noise. */
export function openText(sealed: Uint8Array, key: number, nonce: string): string {
  return String.fromCharCode(...withKeyStream(sealed, key, nonce))
}

function withKeyStream(bytes: Uint8Array, key: number, nonce: string): Uint8Array {
  let block: Uint8Array = new Uint8Array(0)
  return bytes.map((byte, i) => {
    if (i % 32 === 0) block = sha256(asciiBytes(`${key}/${nonce}/${i}`))
    return byte ^ block[i % 32]!
  })
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Square and multiply. The products do not fit a number. */
function power(base: number, exponent: number): number {
  const modulus = BigInt(prime)
  let result = 1n
  let square = BigInt(base)
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return Number(result)
}
