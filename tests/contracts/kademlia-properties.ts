import { closestContacts, isId, sameContact, sameId, type Contact, type Id } from '@peerlab/engine'
import type { Property } from './judge.ts'
import { hex, nodesIn, type Asked, type KademliaEvidence } from './kademlia-evidence.ts'

type KademliaProperty = Property<KademliaEvidence>

export const leavesMessagesAlone: KademliaProperty = {
  title: 'a handler does not change the message that it was given',
  check({ changes, trace }) {
    const [change] = changes
    if (change === undefined) return undefined
    return {
      expected: 'a new message where another one is needed',
      happened:
        `at ${ms(trace.event(change.event).time)} node ${change.node} changed the message it received ` +
        `(message${change.difference}); whoever sent it may hold the same object`,
      at: change.event,
    }
  },
}

/** Nobody knows the whole network: an address comes from the start, from a message, or out of an answer. */
export const asksOnlyWhomItKnows: KademliaProperty = {
  title: 'a node sends only to nodes that it knows: those of the start, and those that it heard from or of',
  check(evidence) {
    const { trace, sentBy, isJudged, given } = evidence
    const known = new Map<number, Set<number>>()
    for (const event of trace.events()) {
      const { node, peer, number, time } = event
      if (node < 0 || !isJudged(node)) continue
      const here = known.get(node) ?? new Set(given(node).map(({ address }) => address as number))
      known.set(node, here)
      if (event.kind === 'message') {
        here.add(peer)
        const { contacts } = event.subject as { readonly contacts?: unknown }
        for (const address of addressesIn(contacts)) here.add(address)
      }
      const stranger = sentBy(number).find(
        ({ from, to }) => from === node && (to === node || (to >= 0 && !here.has(to))),
      )
      if (stranger === undefined) continue
      const isSelf = stranger.to === node
      return {
        expected: isSelf ? 'no packet to itself' : `node ${node} to ask only contacts that it was given or told of`,
        happened:
          `at ${ms(time)} node ${node} sent ${stranger.message.type} to ${isSelf ? 'itself' : `node ${stranger.to}`}` +
          (isSelf ? '' : ', of which it had never heard. Addresses are not to be guessed'),
        at: number,
      }
    }
    return undefined
  },
}

/** On the wire: one reply to each question, to who asked, with what it knows. */
export const answersRequests: KademliaProperty = {
  title: 'a node answers a ping with pong, and find-node with the k closest contacts that it knows',
  check(evidence) {
    for (const asked of evidence.requestsAt(0)) {
      const violation = wrongReply(evidence, asked) ?? (asked.target && wrongContacts(evidence, asked, asked.target))
      if (violation !== undefined) return { ...violation, at: asked.event.number }
    }
    return undefined
  },
}

function wrongReply({ sentBy, contacts }: KademliaEvidence, { event, requestId, target, asker }: Asked) {
  const { node, number, time } = event
  const type = target === undefined ? 'pong' : 'nodes'
  const replies = sentBy(number).filter(({ message }) => (message as Partial<Reply>).replyTo !== undefined)
  const [reply] = replies
  const question = `${target === undefined ? 'ping' : 'find-node'} ${requestId} from node ${asker.address}`
  const wrong = (did: string) => ({
    expected: `node ${node} to send { type: '${type}', replyTo: ${requestId}, sender } to node ${asker.address}, once`,
    happened: `at ${ms(time)} node ${node} got ${question} and ${did}`,
  })
  if (reply === undefined) return wrong('sent no reply')
  if (replies.length > 1) return wrong(`sent ${replies.length} replies`)
  const { message, to } = reply
  const { replyTo, sender } = message as Partial<Reply>
  if (to !== asker.address) return wrong(`sent its reply to node ${to}`)
  if (message.type !== type) return wrong(`sent a reply of type ${JSON.stringify(message.type)}`)
  if (replyTo !== requestId) return wrong(`sent its reply with replyTo ${String(replyTo)}`)
  const self = contacts[node]!.id
  if (!isId(sender, self.length) || !sameId(sender, self)) return wrong('did not say its own id as the sender')
  return undefined
}

function wrongContacts({ sentBy, k, trace }: KademliaEvidence, { event, known, asker }: Asked, target: Id) {
  const { node, number, time } = event
  const reply = sentBy(number).find(({ message }) => message.type === 'nodes')!.message as Partial<Reply>
  const others = known.filter((contact) => !sameContact(contact, asker))
  const right = closestContacts(others, target, k)
  const told: readonly Contact[] = Array.isArray(reply.contacts) ? (reply.contacts as readonly Contact[]) : []
  const missing = right.find((contact) => !told.some((each) => isSame(each, contact)))
  const extra = told.find((contact) => !right.some((each) => isSame(contact, each)))
  if (missing === undefined && extra === undefined && told.length === right.length) return undefined
  const at = `at ${ms(time)} node ${node}, asked for ${hex(target)} by node ${asker.address},`
  const expected = `the ${right.length} closest that node ${node} should know by then: ${nodesIn(right)}`
  if (extra !== undefined && isSame(extra, asker)) return { expected, happened: `${at} named the asker itself` }
  if (extra === undefined && missing === undefined) {
    return { expected, happened: `${at} named a contact more than once` }
  }
  if (missing === undefined) {
    const what = known.some((contact) => isSame(extra!, contact))
      ? `, one more than the k = ${k} closest`
      : whyNot(trace, event, extra!.address)
    return { expected, happened: `${at} named node ${String(extra?.address)} as well${what}` }
  }
  const heard = lastHeard(trace, event, missing.address)
  const rest = heard === undefined ? '' : `, from which it had heard at ${ms(heard)}`
  const instead =
    extra === undefined ? '' : `; it named node ${String(extra.address)}${whyNot(trace, event, extra.address)}`
  return { expected, happened: `${at} did not name node ${missing.address}${rest}${instead}` }
}

/** Why a contact should not be in the table, as far as that can be told. */
function whyNot(trace: KademliaEvidence['trace'], event: Asked['event'], address: number | undefined): string {
  const crash = [...trace.events()].find(
    ({ kind, node, number }) => kind === 'crash' && node === address && number < event.number,
  )
  if (crash !== undefined) return ', which has been down since it was asked in vain'
  const heard = address === undefined ? undefined : lastHeard(trace, event, address)
  return heard === undefined ? '' : `, a newcomer for which its bucket had no room`
}

/** When the node heard from another for the last time before an event. */
function lastHeard(trace: KademliaEvidence['trace'], { node, number }: Asked['event'], from: number) {
  return [...trace.events()].findLast(
    (each) => each.kind === 'message' && each.node === node && each.peer === from && each.number < number,
  )?.time
}

/** A full bucket doubts its oldest contact before it lets a newcomer in. */
export const pingsTheOldest: KademliaProperty = {
  title: 'when a newcomer finds its bucket full, the node pings the least recently seen contact there',
  check(evidence) {
    for (const { event, rival, asker } of evidence.requestsAt(0)) {
      if (rival === undefined) continue
      const pings = evidence.sentBy(event.number).filter(({ message }) => message.type === 'ping')
      if (pings.length === 1 && pings[0]!.to === rival.address) continue
      const { node, time } = event
      const did = pings.length === 0 ? 'pinged nobody' : `pinged ${nodesIn(pings.map(({ to }) => ({ address: to })))}`
      return {
        expected: `node ${node} to ping node ${rival.address}, of which it has heard nothing for the longest time`,
        happened: `at ${ms(time)} node ${asker.address} asked node ${node}, whose bucket for it was full, and node ${node} ${did}`,
        at: event.number,
      }
    }
    return undefined
  },
}

/** A contact that was asked in vain is of no use to others. */
export const forgetsTheDead: KademliaProperty = {
  title: 'a contact that did not answer is named no more',
  check({ requestsAt, lookups, patience, sentBy, trace }) {
    for (const { event, target } of requestsAt(0)) {
      if (target === undefined) continue
      const reply = sentBy(event.number).find(({ message }) => message.type === 'nodes')?.message as Partial<Reply>
      const named = addressesIn(reply?.contacts)
      const asks = lookups.filter(({ node }) => node === event.node).flatMap((lookup) => lookup.asks)
      const silent = asks.find(
        ({ to, answer, time }) => answer === 0 && time + patience < event.time && named.includes(to),
      )
      if (silent === undefined) continue
      const hearsay = [...trace.events()].find(
        ({ kind, node, time, subject }) =>
          kind === 'message' &&
          node === event.node &&
          time > silent.time &&
          time < event.time &&
          addressesIn((subject as Partial<Reply>).contacts).includes(silent.to),
      )
      const rest =
        hearsay === undefined
          ? ''
          : `; node ${hearsay.peer} named it after that, but only a message of its own makes a node known`
      return {
        expected: `node ${event.node} to forget node ${silent.to}`,
        happened:
          `at ${ms(event.time)} node ${event.node} named node ${silent.to}, which it had asked at ${ms(silent.time)} and ` +
          `which had not answered${rest}`,
        at: event.number,
      }
    }
    return undefined
  },
}

/** What others say of a contact does not make it known. */
export const namesOnlyWhomItMet: KademliaProperty = {
  title: 'a node names only contacts that it was given or heard from itself',
  check({ trace, sentBy, isJudged, given }) {
    const met = new Map<number, Set<number>>()
    for (const { kind, node, peer, number, time } of trace.events()) {
      if (kind !== 'message' || !isJudged(node)) continue
      const here = met.get(node) ?? new Set(given(node).map(({ address }) => address as number))
      met.set(node, here.add(peer))
      const told = sentBy(number).flatMap(({ message }) => addressesIn((message as Partial<Reply>).contacts))
      const stranger = told.find((address) => !here.has(address))
      if (stranger === undefined) continue
      return {
        expected: 'only contacts that have answered, or asked, or were there at the start',
        happened: `at ${ms(time)} node ${node} named node ${stranger}, which it knew from others only; it may be long gone`,
        at: number,
      }
    }
    return undefined
  },
}

/** Garbage in, a report out, and nothing else. */
export const dropsMalformed: KademliaProperty = {
  title: 'a message that makes no sense is reported as malformed, and otherwise ignored',
  check({ trace, reportedBy, sentBy, isJudged }) {
    for (const { kind, node, number, cause, time, subject } of trace.events()) {
      if (kind !== 'message' || !isJudged(node) || trace.event(cause).subject !== 'inject') continue
      // What is well-formed comes by another action, with an id for its sender.
      if ((subject as { readonly sender?: unknown }).sender instanceof Uint8Array) continue
      const reports = reportedBy(number).map(({ event }) => event)
      const sent = sentBy(number).length
      if (reports.includes('malformed') && sent === 0) continue
      return {
        expected: `node ${node} to call host.report('malformed', { type }) and do nothing else`,
        happened: `at ${ms(time)} node ${node} got ${JSON.stringify(subject)} and ${sent > 0 ? `sent ${sent} packets` : 'did not report it'}`,
        at: number,
      }
    }
    return undefined
  },
}

interface Reply {
  readonly replyTo: unknown
  readonly sender: unknown
  readonly contacts: unknown
}

function isSame(told: unknown, contact: Contact): boolean {
  const { id, address } = (told ?? {}) as Partial<Contact>
  return address === contact.address && isId(id, contact.id.length) && sameId(id, contact.id)
}

export function addressesIn(contacts: unknown): number[] {
  if (!Array.isArray(contacts)) return []
  return contacts.flatMap((contact) => {
    const { address } = (contact ?? {}) as { readonly address?: unknown }
    return typeof address === 'number' ? [address] : []
  })
}

export function ms(time: number): string {
  return `${Number(time.toFixed(1))} ms`
}
