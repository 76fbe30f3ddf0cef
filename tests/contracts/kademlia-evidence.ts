import {
  commonPrefixLength,
  closestContacts,
  fullTable,
  idToHex,
  isId,
  kademliaContacts,
  Lookups,
  sameContact,
  type Contact,
  type Data,
  type Id,
  type Lookup,
  type TracedEvent,
} from '@peerlab/engine'
import type { Evidence } from './evidence.ts'

/** What a run of Kademlia leaves behind: who is who, the lookups, and what each judged node should know. */
export interface KademliaEvidence extends Evidence {
  readonly contacts: readonly Contact[]
  readonly k: number
  readonly alpha: number
  /** How long a request is waited for in all, in ms. */
  readonly patience: number
  /** The lookups of judged nodes. */
  readonly lookups: readonly Lookup[]
  /** Whether the node runs the code under judgement. */
  isJudged(node: number): boolean
  /** Whom the node knew at the start. */
  given(node: number): readonly Contact[]
  /** The well-formed requests that reached the node, in order. */
  requestsAt(node: number): readonly Asked[]
}

/** A well-formed request at a judged node. */
export interface Asked {
  readonly event: TracedEvent
  readonly requestId: number
  readonly asker: Contact
  /** Undefined for a ping. */
  readonly target: Id | undefined
  /** What the node should know, before it notes this request. */
  readonly known: readonly Contact[]
  /** Who stands in the asker's way: the least recently seen of its bucket, if that is full and does not hold it. */
  readonly rival: Contact | undefined
}

export function kademliaEvidence(evidence: Evidence): KademliaEvidence {
  const { run } = evidence
  const { size, idBytes, k, alpha } = run.parameters as { readonly [name: string]: number }
  const { tables, mine } = run.parameters as { readonly [name: string]: string }
  const contacts = kademliaContacts(run.seed, size!, idBytes!)
  const given = (node: number): readonly Contact[] =>
    fullTable(contacts, node, tables === 'sparse' ? Math.ceil(k! / 2) : k!, run.seed)
  const isJudged = (node: number): boolean => mine === 'all' || node === 0
  const lookups = lookupsOf(evidence, (node, target) => closestContacts(given(node), target, k!))
  return {
    ...evidence,
    contacts,
    k: k!,
    alpha: alpha!,
    patience: patienceOf(run.parameters),
    lookups: lookups.filter(({ node }) => isJudged(node)),
    isJudged,
    given,
    requestsAt: (node) => requestsAt(node, new TableModel(contacts[node]!.id, k!, given(node)), contacts, evidence),
  }
}

/** Feeds the recorded run to the measure of the scenario, which makes lookups of it. */
function lookupsOf(
  { trace, sentBy, reportedBy }: Evidence,
  known: (node: number, target: Id) => readonly Contact[],
): readonly Lookup[] {
  const lookups = new Lookups({ known })
  for (const { number, time, kind, node, peer, subject } of trace.events()) {
    lookups.onEvent(number, time, kind, node, peer, subject)
    for (const packet of sentBy(number)) lookups.onSend(packet.time, packet.from, packet.to, packet.message)
    for (const report of reportedBy(number)) {
      lookups.onReport(report.time, report.node, report.event, report.detail, report.cause)
    }
  }
  return lookups.all
}

/** What one node's table should be, told of what reached the node and of the pings that it sent. */
class TableModel {
  readonly #self: Id
  readonly #k: number
  /** The least recently seen first. */
  readonly #buckets = new Map<number, Contact[]>()

  constructor(self: Id, k: number, given: readonly Contact[]) {
    this.#self = self
    this.#k = k
    for (const contact of given) this.seen(contact)
  }

  get contacts(): Contact[] {
    return [...this.#buckets.values()].flat()
  }

  seen(contact: Contact): void {
    const bucket = this.#bucketOf(contact)
    const at = bucket.findIndex((each) => sameContact(each, contact))
    if (at >= 0) bucket.push(...bucket.splice(at, 1))
    else if (bucket.length < this.#k) bucket.push(contact)
  }

  forget(contact: Contact): void {
    const bucket = this.#bucketOf(contact)
    const at = bucket.findIndex((each) => sameContact(each, contact))
    if (at >= 0) bucket.splice(at, 1)
  }

  rivalOf(contact: Contact): Contact | undefined {
    const bucket = this.#bucketOf(contact)
    if (bucket.length < this.#k || bucket.some((each) => sameContact(each, contact))) return undefined
    return bucket[0]
  }

  #bucketOf({ id }: Contact): Contact[] {
    const prefix = commonPrefixLength(this.#self, id)
    const bucket = this.#buckets.get(prefix) ?? []
    this.#buckets.set(prefix, bucket)
    return bucket
  }
}

/** A question that the node sent, and for whom it pinged. */
interface Pending {
  readonly contact: Contact
  readonly since: number
  readonly newcomer: Contact | undefined
}

/**
 * The well-formed requests that reached a node, each with the table that the node should have had then. Whom it asked in
 * vain, and for which newcomer, follows from what it sent.
 */
function requestsAt(node: number, table: TableModel, contacts: readonly Contact[], evidence: Evidence): Asked[] {
  const { trace, sentBy, run } = evidence
  const patience = patienceOf(run.parameters)
  const idBytes = contacts[0]!.id.length
  const pending = new Map<unknown, Pending>()
  const requests: Asked[] = []
  for (const event of trace.events()) {
    if (event.node !== node) continue
    for (const [requestId, { contact, since, newcomer }] of pending) {
      if (since + patience > event.time) continue
      pending.delete(requestId)
      table.forget(contact)
      if (newcomer !== undefined) table.seen(newcomer)
    }
    const message = (event.kind === 'message' ? event.subject : {}) as Partial<Wire>
    const { type, sender, requestId, replyTo, target } = message
    if (!isId(sender, idBytes)) continue
    const peer: Contact = { id: sender, address: event.peer as Contact['address'] }
    const isFind = type === 'find-node' && isId(target, idBytes) && typeof requestId === 'number'
    const isPing = type === 'ping' && typeof requestId === 'number'
    const asked = pending.get(replyTo)
    const isAnswer = asked !== undefined && sameContact(asked.contact, peer)
    const rival = isFind || isAnswer ? table.rivalOf(peer) : undefined
    if (isFind || isPing) {
      const isDoubted = [...pending.values()].some(({ contact }) => contact === rival)
      const known = table.contacts
      requests.push({
        event,
        requestId,
        asker: peer,
        target: isFind ? target : undefined,
        known,
        rival: isDoubted ? undefined : rival,
      })
    }
    pending.delete(isAnswer ? replyTo : undefined)
    if (isFind || isAnswer) table.seen(peer)
    for (const packet of sentBy(event.number)) {
      const question = packet.message as Partial<Wire>
      const contact = table.contacts.find(({ address }) => address === packet.to) ?? contacts[packet.to]
      if (packet.from !== node || question.requestId === undefined || contact === undefined) continue
      const newcomer = question.type === 'ping' && contact === rival ? peer : undefined
      pending.set(question.requestId, { contact, since: packet.time, newcomer })
    }
  }
  return requests
}

/** How long a node waits for an answer in all, in ms. */
function patienceOf(parameters: { readonly [name: string]: Data }): number {
  return (parameters['timeout'] as number) * (parameters['attempts'] as number)
}

interface Wire {
  readonly type: string
  readonly sender: unknown
  readonly requestId: unknown
  readonly replyTo: unknown
  readonly target: unknown
}

export function hex(id: Id): string {
  return `${idToHex(id).slice(0, 8)}…`
}

export function nodesIn(contacts: readonly { readonly address: number }[]): string {
  const nodes = contacts.map(({ address }) => address).sort((a, b) => a - b)
  return nodes.length === 0 ? 'nobody' : `node${nodes.length === 1 ? '' : 's'} ${nodes.join(', ')}`
}
