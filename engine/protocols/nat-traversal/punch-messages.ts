/** What two peers say to each other to get from a circuit to a direct way, and what they say there. */
import type { Address } from '../../core/address.ts'
import type { Data, Message } from '../../core/data.ts'
import { isAddress, isToken } from './fields.ts'

/** CONNECT of DCUtR, and the answer to it: "here I am, as others see me." Over the circuit. */
export interface PunchConnect extends Message {
  readonly type: 'punch-connect'
  /** Which try this is, from 1. */
  readonly attempt: number
  /** Drawn for each packet, so that a round trip is measured on one packet and its own answer. */
  readonly nonce: number
  /** What probes to this peer must have in them. */
  readonly token: number
  readonly addresses: readonly Address[]
}

/** SYNC of DCUtR: "now." Over the circuit. */
export interface PunchSync extends Message {
  readonly type: 'punch-sync'
  readonly nonce: number
}

/** Opens the sender's NAT; and if it arrives, the receiver's is open. Direct. */
export interface Probe extends Message {
  readonly type: 'probe' | 'probe-reply'
  /** The receiver's token. */
  readonly token: number
}

/** Application data: with a token directly, without one over the circuit. */
export interface Talk extends Message {
  readonly type: 'talk'
  readonly token?: number
  readonly payload: Data
}

export type PunchMessage = PunchConnect | PunchSync | Probe | Talk

/** @param maxAddresses more than so many are refused: a liar could name victims */
export function isPunchConnect(message: Message, maxAddresses: number): message is PunchConnect {
  const { type, attempt, nonce, token, addresses } = message as Partial<PunchConnect>
  return (
    type === 'punch-connect' &&
    isToken(attempt) &&
    attempt >= 1 &&
    attempt <= 100 &&
    isToken(nonce) &&
    isToken(token) &&
    Array.isArray(addresses) &&
    addresses.length <= maxAddresses &&
    addresses.every(isAddress)
  )
}

export function isPunchSync(message: Message): message is PunchSync {
  const { type, nonce } = message as Partial<PunchSync>
  return type === 'punch-sync' && isToken(nonce)
}

export function isProbe(message: Message): message is Probe {
  const { type, token } = message as Partial<Probe>
  return (type === 'probe' || type === 'probe-reply') && isToken(token)
}

export function isTalk(message: Message): message is Talk {
  const { type, token, payload } = message as Partial<Talk>
  return type === 'talk' && payload !== undefined && (token === undefined || isToken(token))
}
