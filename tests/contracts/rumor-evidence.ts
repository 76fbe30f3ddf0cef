import { isRumor, Spread, type Message, type Rumor, type Trace, type TracedEvent } from '@peerlab/engine'
import type { Evidence } from './evidence.ts'

/** A rumor that reached a node, from a neighbor or by a publish command. */
export interface Receipt {
  readonly event: TracedEvent
  readonly id: string
  /** The rumor as it came; undefined at its publisher. */
  readonly rumor: Rumor | undefined
  /** Whether this instance of the node had not had it before. */
  readonly isFirst: boolean
}

/** What a run of a gossip leaves behind: who had which rumor, and how it came. */
export interface RumorEvidence extends Evidence {
  readonly spread: Spread
  readonly receipts: readonly Receipt[]
  /** How a rumor came to a node, copy by copy. */
  receiptsAt(node: number, id: string): readonly Receipt[]
}

export function rumorEvidence(evidence: Evidence): RumorEvidence {
  const receipts = receiptsOf(evidence.trace)
  const receiptsAt = Map.groupBy(receipts, ({ event, id }) => `${event.node}/${id}`)
  return {
    ...evidence,
    spread: spreadOf(evidence),
    receipts,
    receiptsAt: (node, id) => receiptsAt.get(`${node}/${id}`) ?? [],
  }
}

function spreadOf({ run, trace, reportedBy }: Evidence): Spread {
  const spread = new Spread(run.session.simulation.size)
  for (const { number, time, kind, node, peer, subject } of trace.events()) {
    spread.onEvent(number, time, kind, node, peer, subject)
    for (const report of reportedBy(number)) spread.onReport(report.time, report.node, report.event, report.detail)
  }
  return spread
}

function receiptsOf(trace: Trace): Receipt[] {
  const receipts: Receipt[] = []
  const known = new Map<number, Set<string>>()
  for (const event of trace.events()) {
    if (event.kind === 'crash') known.delete(event.node)
    const received = rumorOf(event)
    if (received === undefined) continue
    const here = known.get(event.node) ?? new Set()
    receipts.push({ event, ...received, isFirst: !here.has(received.id) })
    known.set(event.node, here.add(received.id))
  }
  return receipts
}

function rumorOf({ kind, subject }: TracedEvent): Pick<Receipt, 'id' | 'rumor'> | undefined {
  if (kind === 'message' && isRumor(subject as Message)) return { id: (subject as Rumor).id, rumor: subject as Rumor }
  const { type, id } = (kind === 'command' ? subject : {}) as { readonly type?: string; readonly id?: string }
  return type === 'publish' && id !== undefined ? { id, rumor: undefined } : undefined
}
