import { distancesFrom, explainRumor, firstDifference, isRumor, type Data, type Rumor } from '@peerlab/engine'
import type { SentPacket } from './evidence.ts'
import type { Property } from './judge.ts'
import type { Receipt, RumorEvidence } from './rumor-evidence.ts'

type RumorProperty = Property<RumorEvidence>

/** A node may only claim what it was given. */
export const reportsOnlyWhatCame: RumorProperty = {
  title: 'a node reports a rumor as delivered only after it came, and with the payload that it came with',
  check({ trace, receiptsAt }) {
    for (const { node, event, detail, cause, time } of trace.reports) {
      if (event !== 'delivered') continue
      const { id, payload } = (detail ?? {}) as { readonly id?: string; readonly payload?: Data }
      const came = receiptsAt(node, String(id)).filter((receipt) => receipt.event.number <= cause)
      if (came.some((receipt) => firstDifference(payloadOf(receipt), payload) === undefined)) continue
      const what =
        came.length === 0 ? 'which no packet had brought to it' : `with the payload ${JSON.stringify(payload)}`
      return {
        expected: "host.report('delivered', { id, payload }) for a rumor in hand, with that rumor's payload",
        happened: `at ${ms(time)} node ${node} reported rumor ${id} as delivered, ${what}`,
        at: cause,
      }
    }
    return undefined
  },
}

/** The first copy counts, at every node. */
export const deliversFirstCopies: RumorProperty = {
  title: 'a node reports each rumor as delivered when it gets it for the first time',
  check(evidence) {
    for (const receipt of evidence.receipts) {
      const { event, id, isFirst, rumor } = receipt
      if (!isFirst || deliveredIn(evidence, receipt)) continue
      const got = rumor === undefined ? `was told to publish ${id}` : `got rumor ${id} for the first time`
      return {
        expected: `node ${event.node} to call host.report('delivered', { id, payload })`,
        happened: `at ${ms(event.time)} node ${event.node} ${got} and did not report it`,
        at: event.number,
      }
    }
    return undefined
  },
}

/** What one node has seen must not count as seen at another. */
export const keepsStateApart: RumorProperty = {
  title: 'what one node has seen is nothing that another node knows',
  check(evidence) {
    const [first, ...later] = evidence.receipts.filter(({ isFirst }) => isFirst)
    if (first === undefined || !deliveredIn(evidence, first)) return undefined
    const ignored = later.find((receipt) => !deliveredIn(evidence, receipt))
    if (ignored === undefined) return undefined
    return {
      expected: `node ${ignored.event.node} to deliver rumor ${ignored.id}, as node ${first.event.node} did before it`,
      happened:
        `at ${ms(ignored.event.time)} node ${ignored.event.node} ignored its first copy: it behaves as if it had seen what only ` +
        `node ${first.event.node} saw. State in a module-level or static variable is shared by all nodes; keep it in the instance`,
      at: ignored.event.number,
    }
  },
}

export const deliversOnce: RumorProperty = {
  title: 'a node reports each rumor as delivered once',
  check({ trace, receiptsAt }) {
    const delivered = new Set<string>()
    const crashes = [...trace.events()].filter(({ kind }) => kind === 'crash')
    for (const { node, event, detail, cause, time } of trace.reports) {
      if (event !== 'delivered') continue
      const { id = '' } = (detail ?? {}) as { readonly id?: string }
      // A crash takes the memory: after a restart the same rumor is new again.
      const life = crashes.filter((crash) => crash.node === node && crash.number < cause).length
      if (delivered.has(`${node}/${life}/${id}`)) {
        const copies = receiptsAt(node, id).filter((receipt) => receipt.event.number <= cause)
        return {
          expected: `node ${node} to deliver rumor ${id} once; a further copy is a duplicate`,
          happened: `at ${ms(time)} node ${node} reported rumor ${id} as delivered again, at copy ${copies.length}: no de-duplication`,
          at: cause,
        }
      }
      delivered.add(`${node}/${life}/${id}`)
    }
    return undefined
  },
}

export const duplicatesEnd: RumorProperty = {
  title: 'a copy of a rumor that the node has already goes no further',
  check(evidence) {
    for (const { event, id, isFirst } of evidence.receipts) {
      const [onward] = isFirst ? [] : pushesBy(evidence, event.number, id)
      if (onward === undefined) continue
      return {
        expected: `node ${event.node} to drop the copy: it has rumor ${id} already`,
        happened: `at ${ms(event.time)} node ${event.node} sent the duplicate on, to node ${onward.to}: no de-duplication`,
        at: event.number,
      }
    }
    return undefined
  },
}

export const neverBack: RumorProperty = {
  title: 'a node never pushes a rumor back to the one it came from',
  check(evidence) {
    for (const { event, id } of evidence.receipts) {
      const back = pushesBy(evidence, event.number, id).find(({ to }) => to === event.peer)
      if (back === undefined) continue
      return {
        expected: `node ${event.node} to tell others than node ${event.peer}`,
        happened: `at ${ms(event.time)} node ${event.node} sent rumor ${id} back to node ${event.peer}, which had just sent it`,
        at: event.number,
      }
    }
    return undefined
  },
}

export const leavesMessagesAlone: RumorProperty = {
  title: 'a handler does not change the message that it was given',
  check({ trace, changes: [change] }) {
    if (change === undefined) return undefined
    return {
      expected: 'a new object for what is sent on: { ...message, ttl: message.ttl - 1 }',
      happened:
        `at ${ms(trace.event(change.event).time)} node ${change.node} changed the message it received ` +
        `(message${change.difference}); others may hold the same object`,
      at: change.event,
    }
  },
}

/** @param least the share of the nodes that are up which must have each rumor */
export function reaches(least: number): RumorProperty {
  return {
    title:
      least === 1 ? 'every node that is up gets every rumor' : `at least ${100 * least} % of the nodes get each rumor`,
    check({ run, trace, spread }) {
      const { simulation } = run.session
      const up = Array.from({ length: simulation.size }, (_, node) => node).filter((node) => simulation.isUp(node))
      for (const id of spread.rumors.keys()) {
        const missing = up.filter((node) => !spread.has(node, id))
        if (missing.length <= (1 - least) * up.length) continue
        const { answer, steps } = explainRumor(trace, simulation.topology, missing[0]!, id)
        const had = `${up.length - missing.length} of ${up.length} nodes have rumor ${id}`
        return {
          expected:
            least === 1
              ? `all ${up.length} nodes to have rumor ${id}`
              : `${Math.ceil(least * up.length)} nodes to have it`,
          happened: `at the end (${ms(simulation.lastEventTime)}) ${had}; ${answer}`,
          why: steps,
        }
      }
      return undefined
    },
  }
}

/** On the wire: one less at each hop, and none after the last. */
export const countsHops: RumorProperty = {
  title: 'the ttl of a rumor goes down by one at each hop, and a rumor with ttl 1 goes no further',
  check(evidence) {
    const limit = evidence.run.parameters['ttl'] as number
    for (const { event, id, rumor, isFirst } of evidence.receipts) {
      if (!isFirst) continue
      const next = rumor === undefined ? limit : rumor.ttl - 1
      for (const { to, message } of pushesBy(evidence, event.number, id)) {
        if (next > 0 && message.ttl === next) continue
        const came = rumor === undefined ? `published rumor ${id}` : `got rumor ${id} with ttl ${rumor.ttl}`
        return {
          expected:
            next > 0
              ? `node ${event.node} to send it on with ttl ${next}`
              : `node ${event.node} to keep it: ttl 1 is the last hop`,
          happened: `at ${ms(event.time)} node ${event.node} ${came} and sent it to node ${to} with ttl ${message.ttl}`,
          at: event.number,
        }
      }
    }
    return undefined
  },
}

/** Exactly the nodes within ttl hops, where everybody tells all neighbors. */
export const reachesWithinTtl: RumorProperty = {
  title: 'a rumor reaches the nodes within ttl hops of its publisher, and no others',
  check({ run, trace, spread }) {
    const limit = run.parameters['ttl'] as number
    const { topology, lastEventTime } = run.session.simulation
    for (const { id, origin } of spread.rumors.values()) {
      const distances = distancesFrom(topology, origin)
      const wrong = distances.findIndex((distance, node) => spread.has(node, id) !== distance <= limit)
      if (wrong < 0) continue
      const { answer, steps } = explainRumor(trace, topology, wrong, id)
      const should = distances[wrong]! <= limit ? 'get' : 'not get'
      return {
        expected: `node ${wrong}, ${plural(distances[wrong]!, 'hop')} from the publisher, to ${should} rumor ${id} with ttl ${limit}`,
        happened: `at the end (${ms(lastEventTime)}) ${answer}`,
        why: steps,
      }
    }
    return undefined
  },
}

/** Fanout many, where there are so many others. */
export const tellsFanout: RumorProperty = {
  title: 'a node tells `fanout` different neighbors at once, or all others if it has fewer',
  check(evidence) {
    const fanout = evidence.run.parameters['fanout'] as number
    const { topology } = evidence.run.session.simulation
    for (const { event, id, rumor, isFirst } of evidence.receipts) {
      if (!isFirst || rumor?.ttl === 1) continue
      const others = topology.neighbors(event.node).filter((peer) => peer !== event.peer).length
      const wanted = Math.min(fanout, others)
      const pushes = pushesBy(evidence, event.number, id)
      const told = new Set(pushes.map(({ to }) => to))
      if (pushes.length === wanted && told.size === wanted) continue
      const flood = pushes.length > wanted && told.size === others ? ': that is flooding' : ''
      const repeated = told.size < pushes.length ? ` (${told.size} different ones)` : ''
      return {
        expected: `node ${event.node} to tell ${wanted} of its ${others} other neighbors: fanout is ${fanout}`,
        happened: `at ${ms(event.time)} node ${event.node} sent rumor ${id} to ${plural(pushes.length, 'neighbor')}${repeated}${flood}`,
        at: event.number,
      }
    }
    return undefined
  },
}

/** Garbage in, a report out, and nothing else. */
export const dropsMalformed: RumorProperty = {
  title: 'a message that makes no sense is reported as malformed, and otherwise ignored',
  check(evidence) {
    for (const event of evidence.trace.events()) {
      if (event.kind !== 'message' || !isInjected(evidence, event.cause)) continue
      const message = event.subject as Partial<Rumor>
      if (isWellFormed(message)) continue
      const reports = evidence.reportedBy(event.number).map((report) => report.event)
      const sent = evidence.sentBy(event.number).length
      if (reports.includes('malformed') && !reports.includes('delivered') && sent === 0) continue
      const did = reports.includes('delivered')
        ? 'delivered it'
        : sent > 0
          ? `sent ${sent} packets`
          : 'did not report it'
      return {
        expected: `node ${event.node} to call host.report('malformed', { type }) and do nothing else`,
        happened: `at ${ms(event.time)} node ${event.node} got ${JSON.stringify(message)} and ${did}`,
        at: event.number,
      }
    }
    return undefined
  },
}

/** @param grace how long after the last publication, restart or first receipt, in ms, the last packet may be sent */
export function fallsSilent(grace: (evidence: RumorEvidence) => number): RumorProperty {
  return {
    title: 'when all is told, the network falls silent',
    check(evidence) {
      const { trace, sent, run } = evidence
      const outside = [...trace.events()].filter(({ kind }) => kind === 'command' || kind === 'restart')
      // Repair may find a node late, which then tells the name for its own beats.
      const heard = evidence.receipts.findLast(({ isFirst }) => isFirst)?.event
      const last = Math.max(outside.at(-1)?.time ?? 0, heard?.time ?? 0)
      const limit = last + grace(evidence)
      const late = sent.findLast(({ time }) => time > limit)
      if (late === undefined) return undefined
      return {
        expected: `no packet later than ${ms(limit)}: each name is told on ${Number(run.parameters['repairRounds'])} beats and then no more`,
        happened: `at ${ms(late.time)} node ${late.from} still sent ${late.message.type} to node ${late.to}: the repair does not end`,
        at: late.cause,
      }
    },
  }
}

/** Holes can be found only if names are told. */
export const tellsNames: RumorProperty = {
  title: 'nodes tell each other the names of what they have',
  check({ sent, run, spread }) {
    if (sent.some(({ message }) => message.type === 'have')) return undefined
    const missing = [...spread.rumors.values()].flatMap(({ times }) => [...times]).filter(Number.isNaN).length
    return {
      expected: "one { type: 'have', ids } from each node on each beat of the repair",
      happened:
        `until ${ms(run.session.simulation.lastEventTime)} no node told a name` +
        `${missing === 0 ? '' : `, and ${plural(missing, 'delivery', 'deliveries')} never happened`}: there is no repair`,
    }
  },
}

/** Who hears a name of something it lacks has to ask for it; who is asked has to answer. */
export const asksAndAnswers: RumorProperty = {
  title: 'who hears the name of a rumor that it lacks asks for it, and who has it answers',
  check(evidence) {
    const { trace, sent, receiptsAt } = evidence
    const had = (node: number, id: string, before: number): boolean =>
      receiptsAt(node, id).some((receipt) => receipt.event.number < before)
    const wants = sent.filter(({ message }) => message.type === 'want')
    for (const { kind, node, peer, number, time, subject } of trace.events()) {
      const { type, ids } = (kind === 'message' ? subject : {}) as {
        readonly type?: string
        readonly ids?: readonly string[]
      }
      if ((type !== 'have' && type !== 'want') || !Array.isArray(ids)) continue
      for (const id of ids as readonly string[]) {
        if (type === 'want' && had(node, id, number) && pushesBy(evidence, number, id).length === 0) {
          return {
            expected: `node ${node} to send rumor ${id} to node ${peer}`,
            happened: `at ${ms(time)} node ${peer} asked node ${node} for rumor ${id}, and node ${node} did not send it`,
            at: number,
          }
        }
        const asked = wants.some(({ from, message }) => from === node && idsOf(message).includes(id))
        if (type === 'have' && !had(node, id, Infinity) && !asked) {
          return {
            expected: `node ${node} to send { type: 'want', ids: ['${id}'] } to node ${peer}`,
            happened: `at ${ms(time)} node ${node} heard of rumor ${id} from node ${peer}, never asked for it, and misses it to the end`,
            at: number,
          }
        }
      }
    }
    return undefined
  },
}

/** @param most packets for each delivery */
export function costsAtMost(most: number): RumorProperty {
  return {
    title: `a delivery costs at most ${most} packets`,
    check({ run, spread, sent }) {
      const cost = sent.length / Math.max(spread.deliveries, 1)
      if (cost <= most) return undefined
      const counts = new Map<string, number>()
      for (const { message } of sent) counts.set(message.type, (counts.get(message.type) ?? 0) + 1)
      const parts = [...counts].map(([type, count]) => `${count} ${type}`).join(', ')
      return {
        expected: `at most ${most} packets a delivery; the least possible is 1, one packet for each node and rumor`,
        happened:
          `until ${ms(run.session.simulation.lastEventTime)} ${spread.deliveries} deliveries took ${sent.length} packets ` +
          `(${parts}): ${cost.toFixed(2)} each`,
      }
    },
    measure: ({ spread, sent }) => ({
      name: 'Packets per delivery',
      value: sent.length / Math.max(spread.deliveries, 1),
      limit: most,
    }),
  }
}

/** The rumor packets that a receipt brought about at once. What a `want` asked for is no push. */
function pushesBy({ sentBy }: RumorEvidence, event: number, id: string): (SentPacket & { readonly message: Rumor })[] {
  return sentBy(event).filter((packet): packet is SentPacket & { readonly message: Rumor } => {
    const { type, id: sentId } = packet.message as Partial<Rumor>
    return type === 'rumor' && sentId === id
  })
}

function deliveredIn({ reportedBy }: RumorEvidence, { event, id }: Receipt): boolean {
  return reportedBy(event.number).some(
    (report) => report.event === 'delivered' && (report.detail as { id?: string } | undefined)?.id === id,
  )
}

function payloadOf({ event, rumor }: Receipt): Data {
  return rumor === undefined ? (event.subject as { readonly payload: Data }).payload : rumor.payload
}

function isInjected({ trace }: RumorEvidence, cause: number): boolean {
  return cause > 0 && trace.event(cause).subject === 'inject'
}

function isWellFormed(message: Partial<Rumor> & { readonly ids?: unknown }): boolean {
  if (message.type === 'rumor') return isRumor(message as Rumor)
  return (
    (message.type === 'have' || message.type === 'want') &&
    Array.isArray(message.ids) &&
    message.ids.every((id) => typeof id === 'string')
  )
}

function idsOf(message: object): readonly unknown[] {
  const { ids } = message as { readonly ids?: unknown }
  return Array.isArray(ids) ? ids : []
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

function ms(time: number): string {
  return `${Number(time.toFixed(1))} ms`
}
