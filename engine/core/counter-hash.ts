import { deriveWords } from './random.ts'

/**
 * Random values that need no state: a hash of (seed, purpose, counter). The network draws from these, with the sender
 * and the sender's packet number as the counter. So one more packet at one node changes no draw of any other, and two
 * variants of a run meet the same network.
 *
 * Threefry-2x32 with 20 rounds, from Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export class CounterHash {
  readonly #key0: number
  readonly #key1: number

  constructor(seed: number, purpose: string) {
    const words = deriveWords(seed, 'counter-hash', purpose)
    this.#key0 = words[0]! | 0
    this.#key1 = words[1]! | 0
  }

  /**
   * Uniform in [0, 1), with 53 bits. `fork` tells the copies of one packet apart and `draw` the values that one purpose
   * draws for one packet; both are small (fork under 2^16, draw under 2^16).
   */
  uniform(sender: number, packet: number, fork = 0, draw = 0): number {
    const high = threefry(this.#key0 ^ ((fork << 16) | draw), this.#key1, sender, packet)
    return ((high >>> 0) * 2 ** 21 + (lowWord >>> 11)) / 2 ** 53
  }
}

/** The second word of the last call of {@link threefry}: two results without an allocation. */
let lowWord = 0

/** Both words of one block, for the published test vectors. */
export function threefryBlock(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const first = threefry(key0, key1, counter0, counter1)
  return [first >>> 0, lowWord >>> 0]
}

// prettier-ignore
function threefry(key0: number, key1: number, counter0: number, counter1: number): number {
  const key2 = 0x1bd11bda ^ key0 ^ key1
  let x = (counter0 + key0) | 0
  let y = (counter1 + key1) | 0
  x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x
  x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x
  x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x
  x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x
  x = (x + key1) | 0, y = (y + key2 + 1) | 0
  x = (x + y) | 0, y = ((y << 17) | (y >>> 15)) ^ x
  x = (x + y) | 0, y = ((y << 29) | (y >>> 3)) ^ x
  x = (x + y) | 0, y = ((y << 16) | (y >>> 16)) ^ x
  x = (x + y) | 0, y = ((y << 24) | (y >>> 8)) ^ x
  x = (x + key2) | 0, y = (y + key0 + 2) | 0
  x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x
  x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x
  x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x
  x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x
  x = (x + key0) | 0, y = (y + key1 + 3) | 0
  x = (x + y) | 0, y = ((y << 17) | (y >>> 15)) ^ x
  x = (x + y) | 0, y = ((y << 29) | (y >>> 3)) ^ x
  x = (x + y) | 0, y = ((y << 16) | (y >>> 16)) ^ x
  x = (x + y) | 0, y = ((y << 24) | (y >>> 8)) ^ x
  x = (x + key1) | 0, y = (y + key2 + 4) | 0
  x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x
  x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x
  x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x
  x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x
  lowWord = (y + key0 + 5) | 0
  return (x + key2) | 0
}
