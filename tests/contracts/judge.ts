import { stepsTo, type RunSpec, type TracedEvent } from '@peerlab/engine'
import type { Finding, Measurement, Outcome, SubjectFactory } from './contract.ts'
import { gather, maxEvents, maxPackets, type Evidence } from './evidence.ts'
import { smallerSpecs } from './shrink.ts'

/** One thing that a property found wrong: the part of a {@link Finding} that the property itself knows. */
export interface Violation {
  readonly expected: string
  readonly happened: string
  /** The event that shows it, or the steps that explain it. */
  readonly at?: number
  readonly why?: Finding['why']
}

/** Something that must hold in every run of a task. */
export interface Property<E extends Evidence = Evidence> {
  readonly title: string
  check(evidence: E): Violation | undefined
  /** For tasks that ask for efficiency: how much it took. Asked only where nothing is wrong. */
  measure?(evidence: E): Measurement
}

/** A run and what must hold in it. */
export interface Case<E extends Evidence = Evidence> {
  readonly spec: RunSpec
  readonly properties: readonly Property<E>[]
  /** All nodes live in one realm: for properties that no node may know what only another has seen. */
  readonly together?: boolean
}

/** Asked last: a property that names the mistake says more than "too much". */
const endsInTime: Property = {
  title: `a run takes fewer than ${maxPackets} packets and ${maxEvents} events`,
  check({ run: { session }, sent, trace }) {
    if (sent.length < maxPackets && trace.length < maxEvents) return undefined
    const [did, calm] =
      sent.length < maxPackets
        ? [`had handled ${trace.length} events`, 'the timers to end']
        : [`had sent ${sent.length} packets`, 'the traffic to end']
    return {
      expected: `${calm}; a right answer needs less than half of that here`,
      happened: `by ${session.simulation.now} ms the nodes ${did}, and the run was stopped`,
      at: trace.length,
    }
  },
}

/** What is judged, and what it is held against. */
export interface Bench<E extends Evidence = Evidence> {
  readonly subject: SubjectFactory
  /** Does all that the task asks. A smaller run counts only if the reference passes it. */
  readonly reference: SubjectFactory
  /** The name of the class that both export. */
  readonly class: string
  /** Makes of a run's evidence what the properties look at. */
  readonly witness: (evidence: Evidence) => E
}

/** At most this many smaller runs are tried for one finding. */
const maxShrinkRuns = 60

/** And no more after so many events in them: a storm is not run sixty times. */
const maxShrinkEvents = 15_000

/** Judges the cases in order; the first finding counts, and is made as small as it gets. */
export async function judgeCases<E extends Evidence>(cases: readonly Case<E>[], asked: Bench<E>): Promise<Outcome> {
  const measured: Measurement[] = []
  for (const { spec, properties, together = false } of cases) {
    const subject: SubjectFactory = () => asked.subject({ together })
    const bench = { ...asked, subject }
    const evidence = await witnessRun(spec, bench, subject)
    const finding = findingIn(evidence, properties)
    if (finding?.kind === 'missing') return { finding }
    if (finding !== undefined) return { finding: await shrink(finding, properties, bench) }
    for (const property of properties) if (property.measure !== undefined) measured.push(property.measure(evidence))
  }
  return { measured: means(measured) }
}

async function witnessRun<E extends Evidence>(spec: RunSpec, bench: Bench<E>, subject: SubjectFactory): Promise<E> {
  return bench.witness(gather(spec, await subject(), bench.class))
}

function findingIn<E extends Evidence>(evidence: E, properties: readonly Property<E>[]): Finding | undefined {
  if (evidence.failure !== undefined) return crashFinding(evidence, evidence.failure)
  for (const { title, check } of [...properties, endsInTime]) {
    const violation = check(evidence)
    if (violation === undefined) continue
    const { expected, happened, at, why } = violation
    const steps = why ?? stepsTo(evidence.trace, at ?? 0)
    return { kind: 'failed', property: title, expected, happened, why: steps, spec: evidence.spec }
  }
  return undefined
}

/** Over the runs of a task, by name. */
function means(all: readonly Measurement[]): readonly Measurement[] {
  return [...Map.groupBy(all, ({ name }) => name).values()].map((same) => ({
    ...same[0]!,
    value: same.reduce((sum, { value }) => sum + value, 0) / same.length,
  }))
}

/** Looks for a smaller run that breaks the same property, step by step, until no step works. */
async function shrink<E extends Evidence>(
  found: Finding,
  properties: readonly Property<E>[],
  bench: Bench<E>,
): Promise<Finding> {
  let smallest = found
  let runs = 0
  let events = 0
  const counting = {
    ...bench,
    witness: (evidence: Evidence) => ((events += evidence.trace.length), bench.witness(evidence)),
  }
  for (let goesOn = true; goesOn;) {
    goesOn = false
    for (const spec of smallerSpecs(smallest.spec)) {
      if (runs++ >= maxShrinkRuns || events >= maxShrinkEvents) return smallest
      const smaller = await judgeSmaller(spec, properties, counting)
      if (smaller?.property !== found.property || smaller.kind !== found.kind) continue
      smallest = smaller
      goesOn = true
      break
    }
  }
  return smallest
}

async function judgeSmaller<E extends Evidence>(
  spec: RunSpec,
  properties: readonly Property<E>[],
  bench: Bench<E>,
): Promise<Finding | undefined> {
  try {
    // In a run too small for a share or an average to mean anything, a right answer fails as well.
    if (findingIn(await witnessRun(spec, bench, bench.reference), properties) !== undefined) return undefined
    return findingIn(await witnessRun(spec, bench, bench.subject), properties)
  } catch (error) {
    if (error instanceof RangeError) return undefined // a graph that does not exist, a node that is not there
    throw error
  }
}

function crashFinding({ trace, spec }: Evidence, { error, event, node }: NonNullable<Evidence['failure']>): Finding {
  const missing = error.name === 'MissingExport'
  const during = event <= trace.length ? describeEvent(trace.event(event)) : 'an event'
  return {
    kind: missing ? 'missing' : 'crashed',
    property: missing ? 'the file exports what the task needs' : 'no handler throws, whatever comes in',
    expected: missing ? 'the export to be there' : `node ${node} to handle ${during}`,
    happened: missing ? error.message : `it threw ${error.name}: ${error.message}${placeIn(error.stack)}`,
    why: missing ? [] : stepsTo(trace, event),
    spec,
  }
}

function describeEvent({ kind, subject }: TracedEvent): string {
  if (kind === 'message') return `a message of type ${JSON.stringify((subject as { readonly type?: unknown }).type)}`
  return kind === 'timer' ? `its timer "${String(subject)}"` : `its ${kind}`
}

/** The first place of a stack that is outside of the engine: `, at gossip.ts:31`. */
function placeIn(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !/[\\/]engine[\\/]/.test(line))
  const place = /([\w.-]+\.[cm]?ts)[^\s():]*:(\d+):\d+/.exec(frames[0] ?? '')
  return place === null ? '' : `, at ${place[1]}:${place[2]}`
}
