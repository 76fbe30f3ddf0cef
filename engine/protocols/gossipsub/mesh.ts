import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { Backoffs } from './backoffs.ts'
import type { ControlChannel } from './control-channel.ts'
import type { GossipSubMessage } from './messages.ts'
import type { GossipSubParameters } from './parameters.ts'
import type { PeerScore } from './peer-score.ts'
import type { Peers } from './peers.ts'
import { chooseSurvivors } from './survivors.ts'

/**
 * The links along which a node pushes messages, by topic. They are meant to go both ways: who grafts says so, and the
 * other side takes it in or prunes at once.
 */
export class Mesh {
  readonly #host: Host<GossipSubMessage>
  readonly #parameters: GossipSubParameters
  readonly #channel: ControlChannel
  readonly #peers: Peers
  readonly #score: PeerScore
  readonly #links = new Map<string, Set<Address>>()
  readonly #backoffs: Backoffs

  constructor(
    host: Host<GossipSubMessage>,
    parameters: GossipSubParameters,
    channel: ControlChannel,
    peers: Peers,
    score: PeerScore,
  ) {
    this.#host = host
    this.#parameters = parameters
    this.#channel = channel
    this.#peers = peers
    this.#score = score
    this.#backoffs = new Backoffs(parameters.heartbeatInterval)
  }

  /** The peers that this node has a link to; undefined where it is not subscribed. */
  of(topic: string): ReadonlySet<Address> | undefined {
    return this.#links.get(topic)
  }

  /** The topics that this node is subscribed to. */
  get topics(): string[] {
    return [...this.#links.keys()]
  }

  has(peer: Address): boolean {
    for (const links of this.#links.values()) if (links.has(peer)) return true
    return false
  }

  /** Grafts up to D peers, these first. */
  join(topic: string, first: readonly Address[]): void {
    this.#links.set(topic, new Set())
    const candidates = new Set(this.#candidates(topic))
    const known = first.filter((peer) => candidates.delete(peer)).slice(0, this.#parameters.d)
    for (const peer of known) this.#graft(topic, peer)
    this.#graftSome(topic, [...candidates], this.#parameters.d - known.length)
  }

  leave(topic: string): void {
    const { unsubscribeBackoff } = this.#parameters
    for (const peer of this.#links.get(topic) ?? []) this.#prune(topic, peer, unsubscribeBackoff)
    this.#links.delete(topic)
  }

  /** Takes a peer in, or says no. A GRAFT for an unknown topic has no answer: anyone could elicit that. */
  onGraft(from: Address, topic: string): void {
    const links = this.#links.get(topic)
    if (links === undefined || links.has(from)) return
    const isWelcome = !this.#isTooEarly(topic, from) && this.#score.of(from) >= 0
    // A full mesh takes only those whom this node has dialed: an attacker cannot be many of those.
    const hasRoom = links.size < this.#parameters.dHigh || this.#peers.isOutbound(from)
    if (isWelcome && hasRoom) this.#link(topic, from)
    else this.#prune(topic, from, this.#parameters.pruneBackoff, isWelcome)
  }

  onPrune(from: Address, topic: string, backoff: Millis): void {
    this.#unlink(topic, from)
    this.#backoffs.add(topic, from, this.#host.now, backoff > 0 ? backoff : this.#parameters.pruneBackoff)
  }

  /** The peer is gone, or has left the topic. */
  drop(peer: Address, topic?: string): void {
    for (const each of topic === undefined ? this.topics : [topic]) this.#unlink(each, peer)
  }

  /** On each heartbeat, for each topic: bad peers out, new ones in if there are too few, some out if too many. */
  maintain(topic: string, isTimeForBetter: boolean): void {
    const { d, dLow, dHigh, dOut, pruneBackoff } = this.#parameters
    const links = this.#links.get(topic)!
    const isOutbound = (peer: Address): boolean => this.#peers.isOutbound(peer)
    for (const peer of links) if (this.#score.of(peer) < 0) this.#prune(topic, peer, pruneBackoff, false)
    if (links.size < dLow) this.#graftSome(topic, this.#candidates(topic), d - links.size)
    if (links.size > dHigh) {
      const { random } = this.#host
      const scoreOf = (peer: Address): number => this.#score.of(peer)
      const survivors = new Set(chooseSurvivors(random, [...links], this.#parameters, scoreOf, isOutbound))
      for (const peer of links) if (!survivors.has(peer)) this.#prune(topic, peer, pruneBackoff)
    }
    if (links.size >= dLow) {
      const missing = dOut - [...links].filter(isOutbound).length
      this.#graftSome(topic, this.#candidates(topic).filter(isOutbound), missing)
    }
    if (isTimeForBetter) this.#graftBetter(topic, links)
  }

  /** On each heartbeat. */
  expireBackoffs(): void {
    this.#backoffs.expire(this.#host.now)
  }

  /** Opportunistic grafting: a mesh of poor peers gets some that have shown by their gossip that they are better. */
  #graftBetter(topic: string, links: ReadonlySet<Address>): void {
    if (links.size < 2) return
    const scores = Array.from(links, (peer) => this.#score.of(peer)).sort((a, b) => a - b)
    const median = scores[Math.floor(scores.length / 2)]!
    if (median >= this.#score.thresholds.opportunisticGraft) return
    const better = this.#candidates(topic).filter((peer) => this.#score.of(peer) > median)
    this.#graftSome(topic, better, this.#parameters.opportunisticGraftPeers)
  }

  /** The peers that may be grafted. */
  #candidates(topic: string): Address[] {
    const links = this.#links.get(topic)!
    const { now } = this.#host
    return this.#peers
      .in(topic)
      .filter((peer) => !links.has(peer) && this.#backoffs.allowsGraft(topic, peer, now) && this.#score.of(peer) >= 0)
  }

  #graftSome(topic: string, candidates: readonly Address[], count: number): void {
    if (count <= 0) return
    for (const peer of this.#host.random.sample(candidates, count)) this.#graft(topic, peer)
  }

  #graft(topic: string, peer: Address): void {
    this.#link(topic, peer)
    this.#channel.say(peer, { type: 'graft', topic })
  }

  #prune(topic: string, peer: Address, backoff: Millis, mayExchange = true): void {
    this.#unlink(topic, peer)
    this.#backoffs.add(topic, peer, this.#host.now, backoff)
    const peers = mayExchange && this.#parameters.peerExchange ? this.#othersIn(topic, peer) : []
    this.#channel.say(peer, { type: 'prune', topic, backoff, peers })
  }

  /** Peer exchange: good peers that a pruned one may turn to. */
  #othersIn(topic: string, except: Address): Address[] {
    const good = this.#peers.in(topic).filter((peer) => peer !== except && this.#score.of(peer) >= 0)
    return this.#host.random.sample(good, this.#parameters.prunePeers)
  }

  #link(topic: string, peer: Address): void {
    this.#links.get(topic)!.add(peer)
    this.#score.in(topic, peer)?.graft(this.#host.now)
    this.#host.report('grafted', { topic, peer })
  }

  #unlink(topic: string, peer: Address): void {
    this.#channel.withdraw(peer, topic)
    if (this.#links.get(topic)?.delete(peer) !== true) return
    this.#score.in(topic, peer)?.prune()
    this.#host.report('pruned', { topic, peer })
  }

  /** Whether the peer grafts although it is to keep away; that is penalized, and twice if it did not wait at all. */
  #isTooEarly(topic: string, peer: Address): boolean {
    const { now } = this.#host
    const since = this.#backoffs.runningSince(topic, peer, now)
    if (since === undefined) return false
    this.#score.penalize(peer, now < since + this.#parameters.graftFloodThreshold ? 2 : 1, 'early graft')
    return true
  }
}
