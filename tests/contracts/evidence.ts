import {
  isRumor,
  ProtocolError,
  Run,
  Spread,
  SubjectError,
  substituteWith,
  Trace,
  type Message,
  type Millis,
  type Rumor,
  type RunSpec,
  type Subject,
  type SubjectFailure,
  type TracedEvent,
  type TracedReport,
} from '@peerlab/engine'

export interface SentPacket {
  readonly time: Millis
  readonly from: number
  readonly to: number
  readonly message: Message
  /** The number of the event in whose handler it was sent. */
  readonly cause: number
}

/** A rumor that reached a node, from a neighbor or by a publish command. */
export interface Receipt {
  readonly event: TracedEvent
  readonly id: string
  /** The rumor as it came; undefined at its publisher. */
  readonly rumor: Rumor | undefined
  /** Whether this instance of the node had not had it before. */
  readonly isFirst: boolean
}

/** All that a judged run leaves behind. */
export interface Evidence {
  readonly spec: RunSpec
  readonly run: Run
  readonly trace: Trace
  readonly spread: Spread
  readonly sent: readonly SentPacket[]
  readonly receipts: readonly Receipt[]
  /** Where a handler changed the message that it was given. */
  readonly changes: readonly { readonly event: number; readonly node: number; readonly difference: string }[]
  /** Where the run broke off: the code threw. */
  readonly failure: { readonly error: SubjectFailure; readonly event: number; readonly node: number } | undefined
  sentBy(event: number): readonly SentPacket[]
  reportedBy(event: number): readonly TracedReport[]
  /** How a rumor came to a node, copy by copy. */
  receiptsAt(node: number, id: string): readonly Receipt[]
}

/** No judged run needs half of this; what does is a storm. Counted in packets, so that no mark depends on the machine. */
export const maxPackets = 6000

/** Runs a spec with the subject's class in the place of the scenario's protocol, and keeps everything. */
export function gather(spec: RunSpec, subject: Subject, className: string): Evidence {
  const trace = new Trace()
  const sent: SentPacket[] = []
  const changes: { event: number; node: number; difference: string }[] = []
  const keep = (time: Millis, from: number, to: number, message: Message, cause: number): void => {
    sent.push({ time, from, to, message, cause })
  }
  const watcher = {
    onSend: (time: Millis, from: number, to: number, message: Message, _arrival: Millis, cause: number) =>
      keep(time, from, to, message, cause),
    onDrop: (time: Millis, from: number, to: number, message: Message, reason: string, cause: number) => {
      if (reason !== 'receiver down') keep(time, from, to, message, cause)
    },
  }
  const onChanged = (node: number, difference: string): void => {
    changes.push({ event: trace.length, node, difference })
  }
  const substitute = substituteWith(subject, { class: className, onChanged })
  let spread: Spread | undefined
  const run = new Run(spec, {
    substitute,
    observe: () => [trace, watcher, (spread = new Spread((spec.parameters?.['size'] as number | undefined) ?? 60))],
  })
  const failure = runToEnd(run)
  const receipts = receiptsOf(trace)
  const sentBy = groupBy(sent, ({ cause }) => cause)
  const reportedBy = groupBy(trace.reports, ({ cause }) => cause)
  const receiptsAt = groupBy(receipts, ({ event, id }) => `${event.node}/${id}`)
  return {
    spec,
    run,
    trace,
    spread: spread!,
    sent,
    receipts,
    changes,
    failure,
    sentBy: (event) => sentBy.get(event) ?? [],
    reportedBy: (event) => reportedBy.get(event) ?? [],
    receiptsAt: (node, id) => receiptsAt.get(`${node}/${id}`) ?? [],
  }
}

function runToEnd(run: Run): Evidence['failure'] {
  try {
    const { session } = run
    // Slices are short: in a storm each event sends many packets.
    while (run.finish({ maxEvents: 100, slice: 100 }) === 'events' && session.simulation.packets.sent < maxPackets);
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { cause, event, node } = error
    const failure = cause instanceof SubjectError ? cause.failure : { name: 'Error', message: String(cause) }
    return { error: failure, event, node }
  }
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

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
