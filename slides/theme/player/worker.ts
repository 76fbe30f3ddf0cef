/**
 * Runs scenarios off the page: an endless loop in a student's file stops this worker, and never the presentation.
 */
import {
  explainPacket,
  explainRumor,
  findScenario,
  ProtocolError,
  Run,
  SubjectError,
  Trace,
  type RunSpec,
} from '@peerlab/engine'
import { loadLab } from './lab-files.ts'
import type { Answer, PacketQuestion, Question, Request } from './messages.ts'
import { Recorder } from './recorder.ts'
import { buffersOf } from './recording.ts'

/** Events between two signs of life. */
const slice = 20_000

interface WorkerScope {
  onmessage: ((event: { readonly data: Request }) => void) | null
  postMessage(message: Answer, transfer?: ArrayBuffer[]): void
}
const scope = globalThis as unknown as WorkerScope

/** A run that questions are asked about. It is made for them, since a run that is only shown need not keep its causes. */
let asked: { readonly key: string; readonly run: Run; readonly trace: () => Trace } | undefined

scope.onmessage = ({ data }) => void answer(data)
scope.postMessage({ kind: 'ready', id: 0 })

async function answer(request: Request): Promise<void> {
  try {
    if (request.kind === 'run') await play(request.id, request.spec)
    else if (request.kind === 'inspect') await inspect(request.id, request)
    else if (request.kind === 'why') await explain(request.id, request)
    else await explainSent(request.id, request)
  } catch (error) {
    scope.postMessage({ kind: 'refused', id: request.id, message: inPlainWords(error) })
  }
}

async function play(id: number, spec: RunSpec): Promise<void> {
  const lab = spec.lab === undefined ? undefined : await loadLab(spec.lab)
  const recorder = new Recorder(findScenario(spec.scenario))
  const run = new Run(spec, { substitute: lab?.substitute, observe: () => [recorder] })
  recorder.watch(run)
  finish(id, run)
  const recording = recorder.finish(lab?.code)
  scope.postMessage({ kind: 'recording', id, recording }, buffersOf(recording))
}

async function inspect(id: number, { spec, node, time }: Question): Promise<void> {
  const { run } = await runTo(id, spec, time)
  scope.postMessage({ kind: 'inspected', id, data: run.world.inspect(node) })
}

async function explain(id: number, { spec, node, rumor, time }: Question & { rumor: string }): Promise<void> {
  const { run, trace } = await runTo(id, spec, time)
  const explanation = explainRumor(trace(), run.session.simulation.topology, node, rumor)
  scope.postMessage({ kind: 'explained', id, explanation })
}

async function explainSent(id: number, { spec, packet, time }: PacketQuestion): Promise<void> {
  const { trace } = await runTo(id, spec, time)
  scope.postMessage({ kind: 'explained', id, explanation: explainPacket(trace(), packet) })
}

async function runTo(id: number, spec: RunSpec, time: number): Promise<NonNullable<typeof asked>> {
  const key = JSON.stringify(spec)
  if (asked?.key !== key) {
    const lab = spec.lab === undefined ? undefined : await loadLab(spec.lab)
    let trace = new Trace()
    const observe = () => [(trace = new Trace())]
    asked = { key, run: new Run(spec, { substitute: lab?.substitute, observe }), trace: () => trace }
  }
  if (time < asked.run.session.simulation.now) asked.run.session.seek(0)
  finish(id, asked.run, time)
  return asked
}

/** Runs on, with a sign of life now and then. */
function finish(id: number, run: Run, until?: number): void {
  const onSlice = () => {
    const { events, now } = run.session.simulation
    scope.postMessage({ kind: 'progress', id, events, time: now })
  }
  run.finish({ slice, onSlice, ...(until === undefined ? {} : { until }) })
}

function inPlainWords(error: unknown): string {
  if (error instanceof ProtocolError && error.cause instanceof SubjectError) {
    const { failure, message } = error.cause
    // What is wrong is the file then, and no node. Otherwise the name of the boundary says nothing to its author.
    return failure.name === 'MissingExport'
      ? failure.message
      : error.message.replace(`SubjectError: ${message}`, message)
  }
  return error instanceof Error ? error.message : String(error)
}
