import {
  ProtocolError,
  Run,
  SubjectError,
  SubjectGone,
  substituteWith,
  Trace,
  type Message,
  type Millis,
  type RunSpec,
  type Subject,
  type SubjectFailure,
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

/** What was written down while a judged run went on. */
export interface RunRecord {
  readonly spec: RunSpec
  readonly run: Run
  readonly trace: Trace
  readonly sent: readonly SentPacket[]
  /** Where a handler changed the message that it was given. */
  readonly changes: readonly { readonly event: number; readonly node: number; readonly difference: string }[]
  /** Where the run broke off: the code threw. */
  readonly failure: { readonly error: SubjectFailure; readonly event: number; readonly node: number } | undefined
}

/** All that a judged run leaves behind, in the order in which a property asks for it. */
export interface Evidence extends RunRecord {
  sentBy(event: number): readonly SentPacket[]
  reportedBy(event: number): readonly TracedReport[]
}

/** No judged run needs half of this; what does is a storm. Counted in packets, so that no mark depends on the machine. */
export const maxPackets = 6000

/** The same for events: timers that set timers send nothing. */
export const maxEvents = 20_000

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
  const run = new Run(spec, { substitute, observe: () => [trace, watcher] })
  const failure = runToEnd(run)
  return evidenceOf({ spec, run, trace, sent, changes, failure })
}

export function evidenceOf(record: RunRecord): Evidence {
  const sentBy = Map.groupBy(record.sent, ({ cause }) => cause)
  const reportedBy = Map.groupBy(record.trace.reports, ({ cause }) => cause)
  return {
    ...record,
    sentBy: (event) => sentBy.get(event) ?? [],
    reportedBy: (event) => reportedBy.get(event) ?? [],
  }
}

function runToEnd(run: Run): RunRecord['failure'] {
  try {
    const { session } = run
    // Slices are short: in a storm each event sends many packets.
    while (run.finish({ maxEvents: 100, slice: 100 }) === 'events') {
      const { packets, events } = session.simulation
      if (packets.sent >= maxPackets || events >= maxEvents) break
    }
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { cause, event, node } = error
    if (cause instanceof SubjectGone) throw cause
    const failure = cause instanceof SubjectError ? cause.failure : { name: 'Error', message: String(cause) }
    return { error: failure, event, node }
  }
}
