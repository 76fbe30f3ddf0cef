import {
  drawArrivals,
  drawRoles,
  isDiscoveryMessage,
  type Address,
  type DiscoveryOptions,
  type Message,
  type Role,
  type RoleValues,
  type TracedEvent,
  type TracedReport,
} from '@peerlab/engine'
import type { Evidence, SentPacket } from './evidence.ts'
import type { Property, Violation } from './judge.ts'

/** What a connection is, as the packets say. */
export interface Held {
  readonly isOutgoing: boolean
  readonly since: number
  /** The number of the event in which it began. */
  readonly event: number
}

/** What has happened to one instance of a node, told from packets alone, with the reports of ended connections. */
export interface Book {
  readonly started: number
  /** Whom it has called and who has not answered, with the time and the event of the last call. */
  readonly calls: Map<number, { readonly time: number; readonly event: number }>
  readonly held: Map<number, Held>
  /** How many answers to get-peers each peer owes it. */
  readonly asked: Map<number, number>
  /** When it was last asked by whom. */
  readonly askedBy: Map<number, number>
  /** From whom any packet came, and when the last one did. */
  readonly heard: Map<number, number>
  /** From whom more than a hello came: it has had this node's own packets, and is where it says. */
  readonly spoke: Set<number>
  /** Of whom it was told in answers to its own questions, and by whom; and who called it. */
  readonly told: Map<number, Set<number>>
  /** Of whom it was told at all, asked for or not. */
  readonly named: Set<number>
  /** Peers from whose silent ends it has waited for a pong. */
  readonly pinged: Map<number, number>
}

/**
 * One event at a node that runs the code under judgement, and the node's book: with what a message told, and with
 * connections as they were before.
 */
export interface Moment {
  readonly event: TracedEvent
  readonly node: number
  readonly book: Book
  /** Undefined where the event is no message, or one without the right form. */
  readonly message: { readonly type: string; readonly peers?: readonly Address[] } | undefined
  readonly sent: readonly SentPacket[]
  readonly reports: readonly TracedReport[]
}

export interface DiscoveryEvidence extends Evidence {
  readonly roles: readonly Role[]
  readonly options: Required<DiscoveryOptions>
  /** The node at an address; -1 where nobody is. */
  nodeAt(address: unknown): number
  isJudged(node: number): boolean
  /** Whether the node is honest, quick, and up at the end. */
  isCounted(node: number): boolean
  /** The events at judged nodes in order, until one of them shows a violation. */
  walk(visit: (moment: Moment) => Violation | undefined): Violation | undefined
  /** The books of the nodes at the end; of those that never started there is none. */
  readonly books: ReadonlyMap<number, Book>
}

export type DiscoveryProperty = Property<DiscoveryEvidence>

export function discoveryEvidence(evidence: Evidence): DiscoveryEvidence {
  const { run } = evidence
  const { simulation } = run.session
  const roles = drawRoles(run.parameters as unknown as RoleValues, run.seed)
  const options = run.parameters as unknown as Required<DiscoveryOptions>
  const nodeAt = (address: unknown): number =>
    typeof address === 'number' ? simulation.addresses.nodeOf(address as Address) : -1
  const isJudged = (node: number): boolean => ['honest', 'slow', 'gone'].includes(roles[node] ?? '')
  const arrivals = drawArrivals(roles, run.parameters as unknown as RoleValues, run.seed)
  const context: Context = { evidence, options, nodeAt, isJudged, arrivals }
  const books = new Map<number, Book>()
  walk(context, books, () => undefined)
  return {
    ...evidence,
    roles,
    options,
    nodeAt,
    isJudged,
    isCounted: (node) => roles[node] === 'honest' && simulation.isUp(node) && books.has(node),
    walk: (visit) => walk(context, new Map(), visit),
    books,
  }
}

interface Context {
  readonly evidence: Evidence
  readonly options: Required<DiscoveryOptions>
  readonly nodeAt: (address: unknown) => number
  readonly isJudged: (node: number) => boolean
  /** When each node's code under judgement starts, in ms. */
  readonly arrivals: readonly number[]
}

function walk(
  context: Context,
  books: Map<number, Book>,
  visit: (moment: Moment) => Violation | undefined,
): Violation | undefined {
  const { evidence, options, isJudged } = context
  for (const event of evidence.trace.events()) {
    const { node, kind, number } = event
    if (!isJudged(node)) continue
    // A newcomer's code starts when its time comes, in a timer of the scenario.
    const isStart = kind === 'start' ? context.arrivals[node] === 0 : kind === 'timer' && !books.has(node)
    if (isStart || kind === 'restart') books.set(node, newBook(event.time, books.get(node)))
    const book = books.get(node)
    if (book === undefined || kind === 'crash') continue
    const given = event.subject as Message
    const isMessage = kind === 'message' && isDiscoveryMessage(given, options.maxShared)
    const message = isMessage ? (given as Moment['message']) : undefined
    const moment = { event, node, book, message, sent: evidence.sentBy(number), reports: evidence.reportedBy(number) }
    hear(context, moment)
    const violation = visit(moment)
    if (violation !== undefined) return violation
    enter(context, moment)
  }
  return undefined
}

/** What storage may hold after a restart is what was heard before: addresses from there are no guesses. */
function newBook(started: number, before: Book | undefined): Book {
  const told = new Map([...(before?.heard.keys() ?? [])].map((peer) => [peer, new Set([-1])]))
  return {
    started,
    calls: new Map(),
    held: new Map(),
    asked: new Map(),
    askedBy: new Map(),
    heard: new Map(),
    spoke: new Set(),
    told,
    named: new Set([...told.keys(), ...(before?.named ?? [])]),
    pinged: new Map(),
  }
}

/** Writes into the node's book what it learned from a message: its handler may use it at once. */
function hear({ nodeAt }: Context, { event: { peer, time }, book, message }: Moment): void {
  if (message === undefined) return
  const tell = (about: number): void => {
    book.told.set(about, (book.told.get(about) ?? new Set()).add(peer))
  }
  const listed = (message.peers ?? []).map(nodeAt)
  book.heard.set(peer, time)
  for (const each of [peer, ...listed]) book.named.add(each)
  for (const each of isWanted(book, message, peer) ? [peer, ...listed] : [peer]) tell(each)
  if (!['hello', 'welcome', 'bye'].includes(message.type)) book.spoke.add(peer)
}

/** Writes into the node's book what a message, what went out and what was said changed in its connections. */
function enter(context: Context, { event, book, message, sent, reports }: Moment): void {
  const { time, number, peer } = event
  if (message !== undefined) {
    book.pinged.delete(peer)
    if (message.type === 'bye') book.held.delete(peer)
    if (message.type === 'get-peers') book.askedBy.set(peer, time)
    if (message.type === 'full') book.calls.delete(peer)
    if (message.type === 'peers') book.asked.set(peer, Math.max(0, (book.asked.get(peer) ?? 0) - 1))
  }
  const isAccepted = opensByWelcome(context.options, { event, book, message, reports, nodeAt: context.nodeAt })
  if (isAccepted) {
    book.held.set(peer, { isOutgoing: true, since: time, event: number })
    book.calls.delete(peer)
  }
  for (const { to, message: packet } of sent) {
    if (packet.type === 'hello') book.calls.set(to, { time, event: number })
    if (packet.type === 'get-peers') book.asked.set(to, (book.asked.get(to) ?? 0) + 1)
    if (packet.type === 'ping' && !book.pinged.has(to)) book.pinged.set(to, time)
    if (packet.type === 'bye') book.held.delete(to)
    if (packet.type === 'welcome' && message?.type === 'hello' && to === peer) {
      const said = reports.find((report) => saysConnected(report, peer, context.nodeAt))?.detail
      const before = book.held.get(to)
      if (before !== undefined && said === undefined) continue
      const claim = (said as { readonly isOutgoing?: unknown } | undefined)?.isOutgoing
      const isOutgoing = mayWait(context.options, book, to, time) && claim !== false
      book.held.set(to, { isOutgoing, since: before?.since ?? time, event: number })
      if (isOutgoing) book.calls.delete(to)
    }
  }
  for (const { event: name, detail } of reports) {
    const { peer: gone } = (detail ?? {}) as { readonly peer?: unknown }
    if (name === 'disconnected') book.held.delete(context.nodeAt(gone))
  }
}

/** Whether addresses that came were asked for: by get-peers, or by a call that was answered with full. */
export function isWanted({ asked, calls }: Book, { type }: { readonly type: string }, peer: number): boolean {
  return (type === 'peers' && (asked.get(peer) ?? 0) > 0) || (type === 'full' && calls.has(peer))
}

/** Whether a call to the peer may still wait for its answer. A node looks at its calls on a beat, so up to a beat longer. */
export function mayWait(
  { dialTimeout, period }: Required<DiscoveryOptions>,
  { calls }: Book,
  peer: number,
  time: number,
): boolean {
  const call = calls.get(peer)
  return call !== undefined && time - call.time <= dialTimeout + period
}

/**
 * Whether a welcome makes a connection: it answers a call, in time. A node looks at its calls on a beat, so up to a beat
 * after the time-out either is right, and the report tells.
 */
export function opensByWelcome(
  { dialTimeout, period }: Required<DiscoveryOptions>,
  {
    event,
    book,
    message,
    reports,
    nodeAt,
  }: Pick<Moment, 'event' | 'book' | 'message' | 'reports'> & { readonly nodeAt: (address: unknown) => number },
): boolean {
  const call = book.calls.get(event.peer)
  if (message?.type !== 'welcome' || call === undefined) return false
  const waited = event.time - call.time
  // Two that call each other at the same time are connected by the hello already, and by the welcome once more.
  if (waited < dialTimeout && !book.held.has(event.peer)) return true
  return waited <= dialTimeout + period && reports.some((report) => saysConnected(report, event.peer, nodeAt))
}

export function saysConnected(
  { event, detail }: TracedReport,
  peer: number,
  nodeAt: (address: unknown) => number,
): boolean {
  return event === 'connected' && nodeAt((detail as { readonly peer?: unknown } | undefined)?.peer) === peer
}
