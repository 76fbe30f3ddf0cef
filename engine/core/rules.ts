import type { Address } from './address.ts'
import type { Message } from './data.ts'
import { checkInteger, checkNumber } from './errors.ts'
import { maxMillis, type Millis } from './time.ts'

/** One datagram on its way, as a rule sees it. */
export interface Packet {
  /** The sender's node index. */
  readonly from: number
  /** The receiver's node index. */
  readonly to: number
  readonly fromAddress: Address
  readonly toAddress: Address
  readonly message: Message
  /** Counts the sender's packets from 0. */
  readonly number: number
  /** When it was sent. */
  readonly time: Millis
}

/** What a rule says about a packet. Verdicts of several rules add up; see {@link Rule}. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly delay: Millis }
  | { readonly kind: 'duplicate'; readonly copies: number }
  | { readonly kind: 'replace'; readonly message: Message }

/**
 * A fault, or any other change to the network. Every rule sees every packet when it is sent, in the order in which the
 * rules were installed: a drop ends it, delays add, a duplicate forks (each copy meets the rules that follow on its
 * own), a replacement is what the next rule and the receiver see.
 */
export interface Rule {
  /** Named in drops. */
  readonly name: string
  /** @param draw uniform in [0, 1), fixed by seed, rule name, sender and packet number; each call draws afresh */
  judge(packet: Packet, draw: () => number): Verdict
}

/** A packet may fork into this many copies over all rules. */
export const maxCopies = 64

export const pass: Verdict = { kind: 'pass' }
export const drop: Verdict = { kind: 'drop' }

export function delay(delay: Millis): Verdict {
  return { kind: 'delay', delay: checkNumber('delay', delay, { min: 0, max: maxMillis }) }
}

/** @param copies how many more, beside the packet itself */
export function duplicate(copies = 1): Verdict {
  return { kind: 'duplicate', copies: checkInteger('copies', copies, { min: 0, max: maxCopies - 1 }) }
}

export function replace(message: Message): Verdict {
  return { kind: 'replace', message }
}

/** Loses each packet with this probability. */
export function loss(probability: number): Rule {
  checkNumber('loss', probability, { min: 0, max: 1 })
  return { name: 'loss', judge: (_packet, draw) => (draw() < probability ? drop : pass) }
}

/** Doubles each packet with this probability. */
export function duplication(probability: number): Rule {
  checkNumber('duplication', probability, { min: 0, max: 1 })
  const twice = duplicate()
  return { name: 'duplication', judge: (_packet, draw) => (draw() < probability ? twice : pass) }
}

/** Holds back every packet by a uniform extra time; so packets overtake each other. */
export function extraDelay(min: Millis, max: Millis): Rule {
  checkNumber('minimum delay', min, { min: 0, max: maxMillis })
  checkNumber('maximum delay', max, { min, max: maxMillis })
  return { name: 'delay', judge: (_packet, draw) => delay(min + draw() * (max - min)) }
}

/** Replaces the message with this probability by what `corrupt` makes of it. `corrupt` must leave its argument alone. */
export function corruption(probability: number, corrupt: (message: Message) => Message): Rule {
  checkNumber('corruption', probability, { min: 0, max: 1 })
  return {
    name: 'corruption',
    judge: (packet, draw) => (draw() < probability ? replace(corrupt(packet.message)) : pass),
  }
}

/** Cuts the network in two: nothing crosses between the nodes of `side` and all others. */
export function partition(side: Iterable<number>): Rule {
  const inside = new Set(side)
  return { name: 'partition', judge: ({ from, to }) => (inside.has(from) === inside.has(to) ? pass : drop) }
}

/** A one-way cut: what `side` sends to all others is lost, while it hears them. */
export function oneWayPartition(side: Iterable<number>): Rule {
  const inside = new Set(side)
  return { name: 'one-way partition', judge: ({ from, to }) => (inside.has(from) && !inside.has(to) ? drop : pass) }
}
