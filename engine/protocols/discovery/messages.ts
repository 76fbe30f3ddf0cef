import { maxAddress, type Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'

/** `hello` asks for a connection, `welcome` grants it, `bye` ends it or says that there is none. */
export interface DiscoverySignal extends Message {
  readonly type: 'hello' | 'welcome' | 'get-peers' | 'ping' | 'pong' | 'bye'
}

/** The answer to get-peers; or to a hello: "I am full, try these." */
export interface DiscoveryPeers extends Message {
  readonly type: 'peers' | 'full'
  readonly peers: readonly Address[]
}

export type DiscoveryMessage = DiscoverySignal | DiscoveryPeers

const signals: readonly unknown[] = ['hello', 'welcome', 'get-peers', 'ping', 'pong', 'bye']

export function isDiscoveryMessage(message: Message, maxPeers: number): message is DiscoveryMessage {
  const { type, peers } = message as Partial<DiscoveryPeers>
  if (signals.includes(type)) return true
  if (type !== 'peers' && type !== 'full') return false
  return Array.isArray(peers) && peers.length <= maxPeers && peers.every(isAddress)
}

/** Whether it can be an address at all; nobody may answer there. */
export function isAddress(value: unknown): value is Address {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxAddress
}
