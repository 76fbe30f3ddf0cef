import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { WrongUse } from '../failure.ts'

/** What an instructor keeps: hidden seeds, attackers and limits are drawn from it. */
export interface Key {
  readonly bytes: Uint8Array
  /** Names the key without telling it: 8 hexadecimal digits. */
  readonly id: string
}

/** Shorter ones could be guessed. In bytes. */
const shortest = 16

/** Reads a key: the bytes of a file, without white space at its ends. */
export function readKey(file: string): Key {
  let bytes: Buffer
  try {
    bytes = Buffer.from(readFileSync(file, 'utf8').trim())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new WrongUse(
      `The key ${file} cannot be read: ${why}`,
      `Make one with: node -e "console.log(crypto.randomBytes(32).toString('hex'))" > ${file}`,
      error,
    )
  }
  if (bytes.length < shortest) {
    throw new WrongUse(
      `The key in ${file} has ${bytes.length} bytes; fewer than ${shortest} could be guessed.`,
      `Make one with: node -e "console.log(crypto.randomBytes(32).toString('hex'))" > ${file}`,
    )
  }
  return { bytes, id: createHash('sha256').update('peerlab key id\0').update(bytes).digest('hex').slice(0, 8) }
}
