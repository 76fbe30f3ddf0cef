import type { Command, Message } from '../core/data.ts'
import type { Millis } from '../core/time.ts'
import type { Topology } from '../core/topology.ts'
import type { Trace, TracedDrop, TracedEvent } from '../core/trace.ts'

/** One step of an explanation. */
export interface Step {
  readonly time: Millis
  readonly node: number
  readonly text: string
}

/** Why a node has a rumor, or has not. */
export interface Explanation {
  /** The answer in one sentence. */
  readonly answer: string
  /** What led to it, the first cause first. */
  readonly steps: readonly Step[]
}

/** A packet, as an observer saw it sent. */
export interface SentPacket {
  /** The number of the event in which it was sent. */
  readonly cause: number
  readonly from: number
  readonly to: number
}

/** The chain of causes that ends in this event, in words. */
export function stepsTo(trace: Trace, event: number): Step[] {
  return event === 0 || !trace.has(event)
    ? []
    : trace
        .chain(event)
        .filter(({ kind }) => kind !== 'control')
        .map(stepOf)
}

/**
 * Says from a trace why a node has a rumor or misses it: the way it came, or the drop or choice that broke it. Where the
 * trace had no room for all events, the answer says so.
 */
export function explainRumor(trace: Trace, topology: Topology, node: number, id: string): Explanation {
  return withRemark(trace, explainRumorBy(trace, topology, node, id))
}

function explainRumorBy(trace: Trace, topology: Topology, node: number, id: string): Explanation {
  const had = firstSight(trace, id)
  const here = had.get(node)
  if (here !== undefined) {
    const how = here.kind === 'command' ? 'it was published there' : `node ${here.peer} sent it`
    return { answer: `node ${node} has ${id} since ${inMillis(here.time)}: ${how}`, steps: stepsTo(trace, here.number) }
  }
  if (had.size === 0) return { answer: `no node has ${id}: it was not published`, steps: [] }
  return explainDrop(trace, node, id) ?? explainSilence(trace, topology, node, id, had)
}

/** Says from a trace why a packet was sent, and what became of it up to the trace's end. */
export function explainPacket(trace: Trace, packet: SentPacket): Explanation {
  return withRemark(trace, explainPacketBy(trace, packet))
}

function explainPacketBy(trace: Trace, { cause, from, to }: SentPacket): Explanation {
  const sent = stepsTo(trace, cause)
  const drop = trace.drops.find((each) => each.cause === cause && each.from === from && each.to === to)
  if (drop !== undefined) {
    const answer = `node ${from} sent ${inWords(drop.message)} to node ${to}, and it was lost: ${drop.reason}`
    return { answer, steps: [...sent, dropStep(drop)] }
  }
  for (const event of trace.events()) {
    if (event.kind !== 'message' || event.cause !== cause || event.peer !== from || event.node !== to) continue
    const answer = `node ${to} got ${inWords(event.subject as Message)} from node ${from} at ${inMillis(event.time)}`
    return { answer, steps: stepsTo(trace, event.number) }
  }
  return { answer: `what node ${from} sent to node ${to} is still on its way`, steps: sent }
}

function withRemark({ remark }: Trace, { answer, steps }: Explanation): Explanation {
  return { answer: remark === undefined ? answer : `${answer} (as far as is known: ${remark})`, steps }
}

/** A packet with the rumor was on its way to the node, and was lost. */
function explainDrop(trace: Trace, node: number, id: string): Explanation | undefined {
  const lost = trace.drops.filter((drop) => drop.to === node && carries(drop.message, id))
  const last = lost.at(-1)
  if (last === undefined) return undefined
  const times = lost.length === 1 ? 'the only packet that brought it' : `all ${lost.length} packets that brought it`
  const steps = [...stepsTo(trace, last.cause), dropStep(last)]
  return { answer: `node ${node} misses ${id}: ${times} did not get through (${reasons(lost)})`, steps }
}

/** Nobody sent it the rumor: either its neighbors chose others, or they miss it as well. */
function explainSilence(
  trace: Trace,
  topology: Topology,
  node: number,
  id: string,
  had: Map<number, TracedEvent>,
): Explanation {
  const informed = Array.from({ length: topology.size }, (_, peer) => peer).filter(
    (peer) => had.has(peer) && topology.neighbors(peer).includes(node),
  )
  if (informed.length === 0) {
    return { answer: `node ${node} misses ${id}: no node that could tell it has the rumor itself`, steps: [] }
  }
  const steps = informed.slice(0, 5).flatMap((peer): Step[] => {
    const told = toldBy(trace, peer, id)
    const text = told.length === 0 ? 'told nobody' : `told ${list(told)}, not ${node}`
    return [stepOf(had.get(peer)!), { time: had.get(peer)!.time, node: peer, text }]
  })
  const who =
    informed.length === 1 ? `its neighbor ${informed[0]} has it and` : `${informed.length} of its neighbors have it and`
  return { answer: `node ${node} misses ${id}: ${who} never sent it to node ${node}`, steps }
}

/** When each node had the rumor in hand first. */
function firstSight(trace: Trace, id: string): Map<number, TracedEvent> {
  const first = new Map<number, TracedEvent>()
  for (const event of trace.events()) {
    const isHere = event.kind === 'message' ? carries(event.subject as Message, id) : isPublish(event, id)
    if (isHere && !first.has(event.node)) first.set(event.node, event)
  }
  return first
}

function toldBy(trace: Trace, node: number, id: string): number[] {
  const told = new Set<number>()
  for (const { kind, peer, node: to, subject } of trace.events()) {
    if (kind === 'message' && peer === node && carries(subject as Message, id)) told.add(to)
  }
  for (const { from, to, message } of trace.drops) if (from === node && carries(message, id)) told.add(to)
  return [...told]
}

function carries(message: Message, id: string): boolean {
  return message.type === 'rumor' && (message as { readonly id?: unknown }).id === id
}

function isPublish({ kind, subject }: TracedEvent, id: string): boolean {
  return (
    kind === 'command' && (subject as Command).type === 'publish' && (subject as { readonly id?: unknown }).id === id
  )
}

function stepOf({ time, node, kind, peer, subject }: TracedEvent): Step {
  switch (kind) {
    case 'message':
      return { time, node, text: `got ${inWords(subject as Message)} from node ${peer}` }
    case 'command':
      return { time, node, text: `was told to ${inWords(subject as Command)}` }
    case 'timer':
      return { time, node, text: `timer "${subject as string}"` }
    case 'start':
      return { time, node, text: 'started' }
    case 'restart':
      return { time, node, text: 'restarted' }
    case 'crash':
      return { time, node, text: 'crashed' }
    case 'control':
      return { time, node, text: String((subject as { readonly label?: string }).label ?? subject) }
  }
}

function dropStep({ time, from, to, message, reason }: TracedDrop): Step {
  return { time, node: from, text: `sent ${inWords(message)} to node ${to}, and it was lost: ${reason}` }
}

/** A message in a few words: its type and its short fields. */
export function inWords({ type, ...fields }: Message | Command): string {
  const shown = Object.entries(fields).flatMap(([name, value]) => {
    if (name === 'payload') return []
    // Of a list of records their number says more than their fields.
    if (Array.isArray(value) && value.some((item) => typeof item === 'object')) return [`${value.length} ${name}`]
    const text = name === 'id' ? String(value) : `${name} ${Array.isArray(value) ? list(value) : JSON.stringify(value)}`
    return text.length <= 40 ? [text] : []
  })
  return [type, ...shown].join(' ')
}

function reasons(drops: readonly TracedDrop[]): string {
  return [...new Set(drops.map(({ reason }) => reason))].join(', ')
}

function list(items: readonly unknown[]): string {
  return items.length <= 5 ? items.join(', ') : `${items.slice(0, 4).join(', ')} and ${items.length - 4} more`
}

function inMillis(time: Millis): string {
  return `${Number(time.toFixed(1))} ms`
}
