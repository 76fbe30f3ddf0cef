/**
 * Kademlia, a distributed hash table: the k nodes whose ids are closest to a key, by exclusive or, keep what belongs to
 * it. A node knows many of the nodes close to itself and a few that are far; it finds the closest to any id by asking
 * ever closer ones, one hop after the other, itself.
 *
 * Maymounkov and Mazières: "Kademlia: a peer-to-peer information system based on the XOR metric", IPTPS 2002, with the
 * constants and the provider records of libp2p/specs kad-dht. Simplified: a node's id is its word, as there are no
 * signatures; every node is a server; values are named by their hash; records are in memory and die with a crash; nobody
 * but the publisher stores a record again.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Data, Message } from '../../core/data.ts'
import { checkInteger } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { samplePeers } from '../../layers/peers.ts'
import { Requests } from '../../layers/requests.ts'
import { checkId, idOf, idToHex, sameId, type Id } from '../contact.ts'
import { reportMalformed } from '../rumor.ts'
import type { IterativeLookup } from './iterative-lookup.ts'
import { KademliaClient } from './kademlia-client.ts'
import { isKademliaRequest, maxValueBytes, type KademliaMessage } from './kademlia-messages.ts'
import { kademliaSettings, type KademliaOptions, type KademliaSettings } from './kademlia-options.ts'
import { KademliaServer } from './kademlia-server.ts'
import { Publisher } from './publisher.ts'
import { RoutingTable } from './routing-table.ts'
import { commonPrefixLength, randomIdAt } from './xor-distance.ts'

/**
 * What a node can be told to do. Each ends in a report with the same name.
 * - `lookup`: find the k nodes closest to the target.
 * - `provide`: let them know that this node provides the target, now and once in every republish interval.
 * - `find-providers`: find `count` who provide the target (default 1), or all that its closest nodes know of.
 * - `put`: let the nodes closest to the hash of a value keep it, now and once in every republish interval.
 * - `get`: find the value whose hash is the target.
 */
export type KademliaCommand = Command &
  (
    | { readonly type: 'lookup' | 'provide' | 'get'; readonly target: Id }
    | { readonly type: 'find-providers'; readonly target: Id; readonly count?: number }
    | { readonly type: 'put'; readonly value: Uint8Array }
  )

export class Kademlia implements Protocol<KademliaMessage, KademliaCommand> {
  /** What it knows of others; to look at. */
  readonly table: RoutingTable
  readonly #host: Host<KademliaMessage>
  readonly #settings: KademliaSettings
  readonly #requests: Requests
  readonly #client: KademliaClient
  readonly #server: KademliaServer
  readonly #publisher: Publisher
  readonly #refresher: Pacemaker | undefined
  /** The buckets that were looked into since the last refresh, by the length of the common prefix. */
  readonly #visited = new Set<number>()

  constructor(host: Host<KademliaMessage>, options: KademliaOptions) {
    const settings = kademliaSettings(options)
    const refresh = { period: settings.refreshInterval, timing: 'periodic' } as const
    this.#host = host
    this.#settings = settings
    this.table = new RoutingTable(settings.id, settings)
    this.#requests = new Requests(host, settings)
    this.#client = new KademliaClient(host, this.table, this.#requests, settings)
    this.#server = new KademliaServer(host, this.table, settings)
    this.#publisher = new Publisher(host, this.#client, settings.republishInterval)
    this.#refresher = refresh.period === 0 ? undefined : new Pacemaker(host, 'refresh', refresh)
  }

  onStart(): void {
    for (const contact of this.#settings.contacts) this.table.seen(contact, this.#host.now)
    this.#join()
    this.#refresher?.start()
  }

  onCommand(command: KademliaCommand): void {
    const bytes = this.#settings.id.length
    if (command.type === 'put') {
      const { value } = command
      checkInteger('the length of the value', value.length, { min: 0, max: maxValueBytes })
      this.#publisher.publish(idOf(value, bytes), { type: 'put-value', value })
      return
    }
    const target = checkId('target', command.target, bytes)
    this.#visited.add(commonPrefixLength(this.#settings.id, target))
    if (command.type === 'lookup') this.#lookup(target)
    else if (command.type === 'provide') this.#publisher.publish(target, { type: 'add-provider', target })
    else if (command.type === 'find-providers') this.#findProviders(target, command.count ?? 1)
    else this.#get(target)
  }

  onMessage(from: Address, message: Message): void {
    if (this.#requests.onMessage(from, message)) return
    if (!isKademliaRequest(message, this.#settings.id.length)) {
      reportMalformed(this.#host, message)
      return
    }
    const contact = { id: message.sender, address: from }
    const answer = { ...this.#server.answer(contact, message), sender: this.#settings.id }
    this.#requests.reply(from, message, answer)
    // A ping makes nobody known: or else, where buckets are full, it would bring about another ping, and that a third.
    if (message.type !== 'ping') this.#client.seen(contact)
  }

  onTimer(name: string): void {
    if (this.#requests.onTimer(name) || this.#publisher.onTimer(name)) return
    this.#refresher!.next(true)
    if (this.table.contacts.length > 0) this.#refresh()
    else this.#join()
  }

  /** Meets up to k of the host's neighbors, of whom it knows the addresses only, and by them the others. */
  #join(): void {
    const neighbors = samplePeers(this.#host.random, this.#host.neighbors, this.#settings.k)
    let waiting = neighbors.length
    for (const address of neighbors) {
      this.#client.askAddress(address, { type: 'find-node', target: this.#settings.id }, (answer) => {
        if (answer !== undefined) this.#client.seen({ id: answer.sender, address })
        if (--waiting === 0) this.#refresh()
      })
    }
  }

  /** Looks for its own neighborhood, and then for somebody in each bucket that no lookup went to since the last time. */
  #refresh(): void {
    this.#client.walk({ type: 'find-node', target: this.#settings.id }, goOn, () => {
      const buckets = Array.from({ length: this.table.depth }, (_, i) => i).filter((i) => !this.#visited.has(i))
      this.#visited.clear()
      this.#lookInto(buckets)
    })
  }

  #lookInto([bucket, ...others]: readonly number[]): void {
    if (bucket === undefined) return
    const target = randomIdAt(this.#settings.id, bucket, this.#host.random)
    this.#client.walk({ type: 'find-node', target }, goOn, () => this.#lookInto(others))
  }

  #lookup(target: Id): void {
    this.#client.walk({ type: 'find-node', target }, goOn, (lookup) =>
      this.#report('lookup', lookup, { closest: lookup.closest.map(({ address }) => address) }),
    )
  }

  #findProviders(target: Id, count: number): void {
    const providers = new Set(this.#server.providersOf(target).map(({ address }) => address))
    this.#client.walk(
      { type: 'get-providers', target },
      (_contact, nodes) => {
        for (const { address } of nodes.providers ?? []) providers.add(address)
        return providers.size < count ? 'more' : 'enough'
      },
      (lookup) => this.#report('find-providers', lookup, { providers: [...providers] }),
      providers.size >= count,
    )
  }

  #get(target: Id): void {
    let found = this.#server.valueOf(target)
    this.#client.walk(
      { type: 'get-value', target },
      (contact, { value }) => {
        if (value === undefined) return 'more'
        if (sameId(idOf(value, target.length), target)) found = value
        else this.#host.report('forged-value', { from: contact.address })
        return found === undefined ? 'more' : 'enough'
      },
      (lookup) => this.#report('get', lookup, { value: found ?? null }),
      found !== undefined,
    )
  }

  #report(event: string, { target, asked, hops }: IterativeLookup, detail: { readonly [key: string]: Data }): void {
    this.#host.report(event, { target: idToHex(target), ...detail, asked, hops })
  }
}

function goOn(): 'more' {
  return 'more'
}
