/**
 * GossipSub v1.1: each node pushes messages at once to a few peers, its mesh, and tells some of the others once in a
 * heartbeat what it has; those ask for what they lack. The mesh is fast and cheap, the gossip mends its holes. Each node
 * scores its peers by what they did, and has no ears for the worst.
 *
 * https://github.com/libp2p/specs/tree/master/pubsub/gossipsub, v1.0 and v1.1; what they leave open is as in
 * go-libp2p-pubsub. Vyzovitis et al.: "GossipSub: attack-resilient message propagation in the Filecoin and ETH2.0
 * networks", 2020. Simplified: RPCs are datagrams, one for each control message, with no protobuf and no streams (see
 * ControlChannel); peers are the topology's neighbors, which count as dialed by this node, and those that announce
 * themselves; messages are not signed; validation takes no time; no explicit peering agreements.
 */
import type { Address } from '../../core/address.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { reportMalformed } from '../rumor.ts'
import { ControlChannel } from './control-channel.ts'
import { Fanout } from './fanout.ts'
import { LazyGossip } from './lazy-gossip.ts'
import { Mesh } from './mesh.ts'
import { MessageCache } from './message-cache.ts'
import {
  defaultTopic,
  isGossipSubMessage,
  type Control,
  type GossipSubCommand,
  type GossipSubMessage,
  type Prune,
} from './messages.ts'
import { completeParameters, type GossipSubOptions, type GossipSubParameters } from './parameters.ts'
import { PeerScore } from './peer-score.ts'
import { Peers } from './peers.ts'
import { Router } from './router.ts'

export class GossipSub implements Protocol<GossipSubMessage, GossipSubCommand> {
  readonly #host: Host<GossipSubMessage>
  readonly #parameters: GossipSubParameters
  readonly #firstTopics: readonly string[]
  readonly #channel: ControlChannel
  readonly #peers: Peers
  readonly #score: PeerScore
  readonly #mesh: Mesh
  readonly #fanout: Fanout
  readonly #cache: MessageCache
  readonly #gossip: LazyGossip
  readonly #router: Router
  readonly #heartbeat: Pacemaker
  readonly #decay: Pacemaker | undefined
  #heartbeats = 0

  constructor(host: Host<GossipSubMessage>, options: GossipSubOptions = {}) {
    const { topics = [defaultTopic], timing = 'periodic', scoring, validate } = options
    const parameters = completeParameters(options)
    this.#host = host
    this.#parameters = parameters
    this.#firstTopics = topics
    const score = new PeerScore(host, scoring)
    const channel = new ControlChannel(host)
    const onClose = (peer: Address): void => this.#onClose(peer)
    const peers = new Peers(host, channel, (peer) => score.connect(peer), onClose)
    const mesh = new Mesh(host, parameters, channel, peers, score)
    const fanout = new Fanout(host, parameters, peers, score)
    const cache = new MessageCache(parameters.historyLength, parameters.historyGossip)
    this.#channel = channel
    this.#peers = peers
    this.#score = score
    this.#mesh = mesh
    this.#fanout = fanout
    this.#cache = cache
    this.#gossip = new LazyGossip(host, parameters, peers, score, cache)
    this.#router = new Router(host, parameters, { cache, peers, mesh, fanout, score }, validate)
    this.#heartbeat = new Pacemaker(host, 'heartbeat', { period: parameters.heartbeatInterval, timing })
    if (scoring !== undefined) this.#decay = new Pacemaker(host, 'decay', { period: scoring.decayInterval, timing })
  }

  /** The topics that this node is subscribed to. */
  get topics(): readonly string[] {
    return this.#mesh.topics
  }

  /** The peers that messages of a topic are pushed to; none where the node is not subscribed. */
  meshOf(topic: string): readonly Address[] {
    return [...(this.#mesh.of(topic) ?? [])]
  }

  /** The peers that own messages go to in a topic without a subscription. */
  fanoutOf(topic: string): readonly Address[] {
    return [...(this.#fanout.of(topic) ?? [])]
  }

  scoreOf(peer: Address): number {
    return this.#score.of(peer)
  }

  onStart(): void {
    for (const topic of this.#firstTopics) this.#mesh.join(topic, [])
    this.#peers.start(this.topics)
    this.#heartbeat.start()
    this.#decay?.start()
  }

  onCommand(command: GossipSubCommand): void {
    if (command.type === 'publish') this.#router.publish(command)
    else if (command.type === 'subscribe') this.#subscribe(command.topic)
    else this.#unsubscribe(command.topic)
  }

  onMessage(from: Address, message: Message): void {
    if (!isGossipSubMessage(message)) reportMalformed(this.#host, message)
    else if (this.#score.of(from) < this.#score.thresholds.graylist) this.#host.report('graylisted', { peer: from })
    else if (this.#peers.hear(from, message.type === 'subscribe')) this.#onPeerMessage(from, message)
  }

  onTimer(name: string): void {
    if (name === 'decay') {
      this.#score.decay()
      this.#decay!.next(true)
    } else {
      this.#onHeartbeat()
      this.#heartbeat.next(true)
    }
  }

  #subscribe(topic: string): void {
    if (this.#mesh.of(topic) !== undefined) return
    this.#peers.announce([...this.topics, topic])
    this.#mesh.join(topic, this.#fanout.take(topic))
  }

  #unsubscribe(topic: string): void {
    if (this.#mesh.of(topic) === undefined) return
    this.#mesh.leave(topic)
    this.#peers.announce(this.topics)
  }

  #onPeerMessage(from: Address, message: GossipSubMessage): void {
    switch (message.type) {
      case 'publish':
        this.#gossip.fulfil(message.id)
        return this.#router.onPublication(from, message)
      case 'ihave':
        if (this.#mesh.of(message.topic) === undefined) return
        return this.#gossip.onIHave(from, message, (id) => this.#router.hasSeen(id))
      case 'iwant':
        return this.#gossip.onIWant(from, message)
      case 'ack':
        return this.#channel.onAck(from, message.number)
      default:
        if (this.#channel.accept(from, message)) this.#onControl(from, message)
    }
  }

  #onControl(from: Address, message: Control): void {
    if (message.type === 'graft') this.#mesh.onGraft(from, message.topic)
    else if (message.type === 'prune') this.#onPrune(from, message)
    else {
      this.#peers.onSubscribe(from, message)
      for (const topic of this.topics) if (!this.#peers.isIn(topic, from)) this.#mesh.drop(from, topic)
    }
  }

  /** Peer exchange is believed if its sender has earned it. */
  #onPrune(from: Address, { topic, backoff, peers }: Prune): void {
    if (this.#mesh.of(topic) === undefined) return
    const isTrusted = this.#score.of(from) >= this.#score.thresholds.acceptPx
    this.#mesh.onPrune(from, topic, backoff)
    if (!isTrusted) return
    for (const peer of this.#host.random.sample(peers, this.#parameters.prunePeers)) this.#peers.dial(peer)
  }

  #onClose(peer: Address): void {
    // First of all: whether a score is kept depends on what the peer was until now.
    this.#score.disconnect(peer)
    this.#mesh.drop(peer)
  }

  #onHeartbeat(): void {
    this.#heartbeats++
    this.#mesh.expireBackoffs()
    this.#router.expireSeen()
    this.#gossip.settle()
    const isTimeForBetter = this.#heartbeats % this.#parameters.opportunisticGraftTicks === 0
    for (const topic of this.topics) {
      this.#mesh.maintain(topic, isTimeForBetter)
      this.#gossip.emit(topic, this.#mesh.of(topic)!)
    }
    this.#fanout.maintain()
    for (const topic of this.#fanout.topics) this.#gossip.emit(topic, this.#fanout.of(topic)!)
    this.#cache.shift()
    this.#peers.heartbeat((peer) => this.#mesh.has(peer))
  }
}
