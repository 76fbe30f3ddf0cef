import { checkInteger } from './errors.ts'
import { deriveWords } from './random.ts'

declare const brand: unique symbol

/** Where a packet goes: opaque. A protocol gets addresses from its host and from messages, and makes none. */
export type Address = number & { readonly [brand]: 'Address' }

/** Which node answers at which address. */
export interface AddressBook {
  addressOf(node: number): Address
  /** The node's index, or -1 where nobody answers. */
  nodeOf(address: Address): number
  /** The addresses of these nodes, in the same order. */
  addressesOf(nodes: ArrayLike<number>): ArrayLike<Address>
}

/** Addresses are 48-bit at most, so any value past this was never one. */
export const maxAddress = 2 ** 48 - 1

/** Address = index. The fastest, for runs in which nobody guesses. */
export function denseAddresses(size: number): AddressBook {
  return new DenseAddresses(size)
}

class DenseAddresses implements AddressBook {
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  addressOf(node: number): Address {
    return node as Address
  }

  nodeOf(address: Address): number {
    return address < this.#size ? address : -1
  }

  addressesOf(nodes: ArrayLike<number>): ArrayLike<Address> {
    return nodes as ArrayLike<Address>
  }
}

/** Random 48-bit addresses: a node that was not told one will not find it by counting. */
export function unguessableAddresses(size: number, seed: number): AddressBook {
  const addresses: Address[] = []
  const nodes = new Map<Address, number>()
  for (let node = 0, attempt = 0; node < size; attempt++) {
    const words = deriveWords(seed, 'address', attempt)
    const address = ((words[0]! & 0xffff) * 2 ** 32 + words[1]!) as Address
    if (nodes.has(address)) continue
    nodes.set(address, node++)
    addresses.push(address)
  }
  return {
    addressOf: (node) => addresses[checkInteger('node', node, { min: 0, max: size - 1 })]!,
    nodeOf: (address) => nodes.get(address) ?? -1,
    addressesOf: (indexes) => Array.from(indexes, (node) => addresses[node]!),
  }
}

/** Throws for what cannot be an address at all (undefined, NaN, a fraction). An address that nobody has is no error. */
export function checkAddress(value: unknown): Address {
  if (typeof value === 'number' && value >= 0 && value <= maxAddress && Number.isInteger(value)) return value as Address
  throw new RangeError(
    `send(to: ${String(value)}): not an address. Addresses come from host.neighbors, from \`from\`, or out of messages`,
  )
}
