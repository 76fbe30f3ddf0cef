/**
 * Replication with repair: of each object there are copies at some nodes, its holders. Now and then every holder asks the
 * others whether they still have theirs, and the first one that is left makes up for the missing copies, at nodes drawn
 * at random. If all holders go between two repairs, the object is gone, and nobody is left to notice.
 *
 * Bhagwan et al.: "Total Recall: system support for automated availability management", NSDI 2004 (eager repair by a
 * master); Chun et al.: "Efficient replica maintenance for distributed storage systems", NSDI 2006. Simplified: every
 * neighbor may hold any object; copies are in memory, so whoever leaves comes back without; copies beyond the wanted
 * number are not deleted; a node is counted as gone as soon as it does not answer; holders believe each other.
 */
import { maxAddress, type Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import { checkInteger, checkNumber } from '../core/errors.ts'
import type { Host, Protocol } from '../core/host.ts'
import { maxMillis, type Millis } from '../core/time.ts'
import { Pacemaker, type Timing } from '../layers/pacemaker.ts'
import { isRequest, Requests, type ReplyMessage, type RequestMessage } from '../layers/requests.ts'
import { isIdList, reportMalformed } from './rumor.ts'

export interface ReplicationOptions {
  /** How many copies there are to be, the first one included, 1 to 100. */
  readonly copies: number
  /** Time between two repairs of a node, over 0. 0 = it never repairs. */
  readonly repairInterval: Millis
  /** Default: periodic, each node at a phase of its own. */
  readonly timing?: Timing
  /** How long an answer is waited for, over 0. Default 500. */
  readonly timeout?: Millis
}

/** Takes an object in, and makes the other copies. */
export interface PutObject extends Command {
  readonly type: 'put'
  /** Names the object, up to 256 characters. */
  readonly id: string
}

/** "Do you still have these?" */
export interface CheckObjects extends RequestMessage {
  readonly type: 'check'
  readonly ids: readonly string[]
}

/** "I have these", to a check and to a store. */
export interface HeldObjects extends ReplyMessage {
  readonly type: 'held'
  readonly ids: readonly string[]
}

/** "Keep a copy of this", or where the receiver has one: "these are its holders now". */
export interface StoreObject extends RequestMessage {
  readonly type: 'store'
  readonly id: string
  /** The address of whoever is to be asked first is first. */
  readonly holders: readonly Address[]
}

export type ReplicationMessage = CheckObjects | HeldObjects | StoreObject

/** Objects that a node keeps at most: anyone can send any number. */
const maxObjects = 10_000
const maxHolders = 200

export class Replication implements Protocol<ReplicationMessage, PutObject> {
  readonly #host: Host<ReplicationMessage>
  readonly #copies: number
  readonly #pacemaker: Pacemaker | undefined
  readonly #requests: Requests
  /** The holders of each object that this node holds, itself among them, those first that have it longest. */
  readonly #objects = new Map<string, readonly Address[]>()
  /** Objects of which copies are being made. */
  readonly #copying = new Set<string>()
  #isChecking = false

  constructor(host: Host<ReplicationMessage>, options: ReplicationOptions) {
    const { repairInterval, timing = 'periodic', timeout = 500 } = options
    this.#host = host
    this.#copies = checkInteger('copies', options.copies, { min: 1, max: 100 })
    checkNumber('repairInterval', repairInterval, { min: 0, max: maxMillis })
    if (repairInterval > 0) this.#pacemaker = new Pacemaker(host, 'repair', { period: repairInterval, timing })
    this.#requests = new Requests(host, { timeout, attempts: 2 })
  }

  /** The objects that this node has a copy of, and who it believes to have one. */
  get objects(): ReadonlyMap<string, readonly Address[]> {
    return this.#objects
  }

  onStart(): void {
    this.#pacemaker?.start()
  }

  onCommand({ id }: PutObject): void {
    this.#keep(id, [this.#host.address])
    this.#copy(id, this.#copies - 1)
  }

  onMessage(from: Address, message: Message): void {
    if (this.#requests.onMessage(from, message)) return
    if (!isReplicationRequest(message)) return reportMalformed(this.#host, message)
    const ids = message.type === 'check' ? message.ids : [message.id]
    if (message.type === 'store') this.#keep(message.id, message.holders)
    this.#requests.reply(from, message, { type: 'held', ids: ids.filter((id) => this.#objects.has(id)) })
  }

  onTimer(name: string): void {
    if (this.#requests.onTimer(name)) return
    this.#check()
    this.#pacemaker!.next(true)
  }

  /** Asks each of the other holders once, for all objects that both have; when all have answered or not, repairs. */
  #check(): void {
    if (this.#isChecking) return
    const asked = new Map<Address, string[]>()
    const gone = new Map<string, Set<Address>>()
    for (const [id, holders] of this.#objects) {
      const others = holders.filter((peer) => peer !== this.#host.address)
      gone.set(id, new Set(others))
      for (const peer of others) asked.set(peer, [...(asked.get(peer) ?? []), id])
    }
    this.#isChecking = true
    let waiting = asked.size
    if (waiting === 0) return this.#repair(gone)
    for (const [peer, ids] of asked) {
      this.#requests.ask(peer, { type: 'check', ids }, isHeld, (reply) => {
        for (const id of reply?.ids ?? []) gone.get(id)?.delete(peer)
        if (--waiting === 0) this.#repair(gone)
      })
    }
  }

  #repair(gone: ReadonlyMap<string, ReadonlySet<Address>>): void {
    this.#isChecking = false
    for (const [id, absent] of gone) {
      const holders = this.#objects.get(id)!.filter((holder) => !absent.has(holder))
      if (holders.length >= this.#copies || holders[0] !== this.#host.address || this.#copying.has(id)) continue
      this.#objects.set(id, holders)
      this.#copy(id, this.#copies - holders.length)
    }
  }

  /** Makes so many copies, one after the other, and then tells all holders of them. */
  #copy(id: string, missing: number): void {
    const holders = this.#objects.get(id)!
    const candidates = Array.from(this.#host.neighbors).filter((peer) => !holders.includes(peer))
    this.#copying.add(id)
    this.#tryNext(id, missing, this.#host.random.shuffle(candidates))
  }

  #tryNext(id: string, missing: number, candidates: readonly Address[]): void {
    const [peer, ...others] = candidates
    if (peer === undefined || missing <= 0) return this.#tell(id)
    const holders = [...this.#objects.get(id)!, peer]
    this.#requests.ask(peer, { type: 'store', id, holders }, isHeld, (reply) => {
      const isStored = reply?.ids.includes(id) === true
      if (isStored) this.#objects.set(id, holders)
      this.#tryNext(id, isStored ? missing - 1 : missing, others)
    })
  }

  /** Only now: lists that are sent one after the other may overtake each other. */
  #tell(id: string): void {
    this.#copying.delete(id)
    const holders = this.#objects.get(id)!
    for (const peer of holders) {
      if (peer === this.#host.address) continue
      this.#requests.ask(peer, { type: 'store', id, holders }, isHeld, () => undefined)
    }
  }

  #keep(id: string, holders: readonly Address[]): void {
    const isNew = !this.#objects.has(id)
    if (isNew && this.#objects.size >= maxObjects) return
    this.#objects.set(id, holders.includes(this.#host.address) ? holders : [...holders, this.#host.address])
    if (isNew) this.#host.report('stored', { id })
  }
}

function isReplicationRequest(message: Message): message is CheckObjects | StoreObject {
  const { requestId, id, ids, holders } = message as unknown as { readonly [field: string]: unknown }
  if (!isRequest({ type: message.type, requestId } as Message)) return false
  if (message.type === 'check') return isIdList(ids)
  const areHolders = Array.isArray(holders) && holders.length <= maxHolders && holders.every(isAddress)
  return message.type === 'store' && typeof id === 'string' && id.length <= 256 && areHolders
}

function isHeld(message: Message): message is HeldObjects {
  return message.type === 'held' && isIdList((message as Partial<HeldObjects>).ids)
}

function isAddress(value: unknown): value is Address {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maxAddress
}
