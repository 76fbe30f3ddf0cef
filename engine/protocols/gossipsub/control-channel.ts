import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import type { Control, GossipSubMessage, Graft, Prune, Subscribe } from './messages.ts'

/** A control message that has no number yet. */
export type Statement = Omit<Subscribe, 'number'> | Omit<Graft, 'number'> | Omit<Prune, 'number'>

interface Unacknowledged {
  readonly message: Control
  /** When it was said first. */
  readonly since: Millis
  /** How often it was said again. */
  repeats: number
  /** In how many heartbeats it is said again. */
  wait: number
}

/** Heartbeats between two repetitions, and how many of those there are before the time between them doubles. */
const shortestWait = 2
const quickRepeats = 16
/** A node that does not answer is asked at least this often, in heartbeats. */
const longestWait = 64

/** More things than this no peer can speak about: a bound for the memory that it can fill. */
const maxSubjects = 1000

/**
 * What libp2p has from its streams, over datagrams: SUBSCRIBE, GRAFT and PRUNE arrive, and an old one never overrides a
 * newer. Each has a number and is acknowledged; until then it is said again on every second heartbeat and later ever less
 * often, unless it no longer holds. Numbers begin at the time, in microseconds, so a restarted node goes on above those
 * of its earlier life (go-libp2p-pubsub starts its message numbers so).
 */
export class ControlChannel {
  readonly #host: Host<GossipSubMessage>
  #lastNumber = 0
  /** By peer, and by what it is about. */
  readonly #unacknowledged = new Map<Address, Map<string, Unacknowledged>>()
  /** The newest number that a peer has used, by what it was about. */
  readonly #newest = new Map<Address, Map<string, number>>()

  constructor(host: Host<GossipSubMessage>) {
    this.#host = host
  }

  /** A number above all before, in this life and in earlier ones. */
  nextNumber(): number {
    this.#lastNumber = Math.max(this.#lastNumber + 1, Math.round(this.#host.now * 1000))
    return this.#lastNumber
  }

  say(to: Address, statement: Statement): void {
    const message: Control = { ...statement, number: this.nextNumber() }
    entry(this.#unacknowledged, to).set(subjectOf(message), {
      message,
      since: this.#host.now,
      repeats: 0,
      wait: shortestWait,
    })
    this.#host.send(to, message)
  }

  /** Acknowledges the message. False when it is a repetition, or older than what the peer has said meanwhile. */
  accept(from: Address, message: Control): boolean {
    this.#host.send(from, { type: 'ack', number: message.number })
    const newest = entry(this.#newest, from)
    const subject = subjectOf(message)
    if (message.number <= (newest.get(subject) ?? -1)) return false
    if (newest.size >= maxSubjects && !newest.has(subject)) return false
    newest.set(subject, message.number)
    return true
  }

  onAck(from: Address, number: number): void {
    const waiting = this.#unacknowledged.get(from)
    if (waiting === undefined) return
    for (const [subject, { message }] of waiting) if (message.number === number) waiting.delete(subject)
    if (waiting.size === 0) this.#unacknowledged.delete(from)
  }

  /** Since when the peer has owed an acknowledgement; undefined if it owes none. */
  waitingSince(peer: Address): Millis | undefined {
    const waiting = this.#unacknowledged.get(peer)
    return waiting === undefined ? undefined : Math.min(...Array.from(waiting.values(), ({ since }) => since))
  }

  /** Whether the peer may not know yet what this node is subscribed to. */
  owesTopics(peer: Address): boolean {
    return this.#unacknowledged.get(peer)?.has('topics') === true
  }

  /** On each heartbeat: says again what is due. */
  repeat(): void {
    for (const [peer, waiting] of this.#unacknowledged) {
      for (const each of waiting.values()) {
        if (--each.wait > 0) continue
        each.wait = ++each.repeats < quickRepeats ? shortestWait : nextWait(each.repeats - quickRepeats)
        this.#host.send(peer, each.message)
      }
    }
  }

  /** Stops to say again what no longer holds: something about the mesh of a topic. */
  withdraw(peer: Address, topic: string): void {
    const waiting = this.#unacknowledged.get(peer)
    waiting?.delete(meshOf(topic))
    if (waiting?.size === 0) this.#unacknowledged.delete(peer)
  }

  /** Stops to say again anything about the mesh: the peer has begun anew and knows of none. */
  forgetMesh(peer: Address): void {
    const waiting = this.#unacknowledged.get(peer)
    for (const subject of waiting?.keys() ?? []) if (subject !== 'topics') waiting!.delete(subject)
    if (waiting?.size === 0) this.#unacknowledged.delete(peer)
  }

  forget(peer: Address): void {
    this.#unacknowledged.delete(peer)
    this.#newest.delete(peer)
  }
}

/** 4, 8, 16 … heartbeats. */
function nextWait(doublings: number): number {
  return doublings > 4 ? longestWait : shortestWait << (doublings + 1)
}

function subjectOf(message: Control): string {
  return message.type === 'subscribe' ? 'topics' : meshOf(message.topic)
}

function meshOf(topic: string): string {
  return `mesh ${topic}`
}

function entry<V>(map: Map<Address, Map<string, V>>, peer: Address): Map<string, V> {
  let inner = map.get(peer)
  if (inner === undefined) map.set(peer, (inner = new Map<string, V>()))
  return inner
}
