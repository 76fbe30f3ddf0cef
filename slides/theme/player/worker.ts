/**
 * Runs scenarios off the page: an endless loop in a student's file stops this worker, and never the presentation.
 */
import { explainRumor, findScenario, ProtocolError, Run, Trace, type RunSpec } from '@peerlab/engine'
import { loadLab } from './lab-files.ts'
import type { Answer, Request } from './messages.ts'
import { Recorder } from './recorder.ts'

/** Events between two signs of life. */
const slice = 20_000

interface WorkerScope {
  onmessage: ((event: { readonly data: Request }) => void) | null
  postMessage(message: Answer, transfer?: ArrayBuffer[]): void
}
const scope = globalThis as unknown as WorkerScope

let current: { readonly run: Run; readonly trace: () => Trace } | undefined

scope.onmessage = ({ data }) => void answer(data)

async function answer(request: Request): Promise<void> {
  try {
    if (request.kind === 'run') await play(request.id, request.spec)
    else if (request.kind === 'inspect') inspect(request.id, request.node, request.time)
    else explain(request.id, request.node, request.rumor, request.time)
  } catch (error) {
    scope.postMessage({ kind: 'refused', id: request.id, message: inPlainWords(error) })
  }
}

async function play(id: number, spec: RunSpec): Promise<void> {
  current = undefined
  const lab = spec.lab === undefined ? undefined : await loadLab(spec.lab)
  const recorder = new Recorder(findScenario(spec.scenario))
  let trace = new Trace()
  let isFirst = true
  const observe = () => {
    trace = new Trace()
    // Seeking makes the run anew; only the first time is it recorded.
    const observers = isFirst ? [recorder, trace] : [trace]
    isFirst = false
    return observers
  }
  const run = new Run(spec, { substitute: lab?.substitute, observe })
  recorder.watch(run)
  run.finish({
    slice,
    onSlice: () => {
      const { events, now } = run.session.simulation
      scope.postMessage({ kind: 'progress', id, events, time: now })
    },
  })
  current = { run, trace: () => trace }
  const recording = recorder.finish(lab?.code)
  scope.postMessage({ kind: 'recording', id, recording })
}

function inspect(id: number, node: number, time: number): void {
  const { run } = needed()
  run.session.seek(time)
  scope.postMessage({ kind: 'inspected', id, data: run.world.inspect(node) })
}

function explain(id: number, node: number, rumor: string, time: number): void {
  const { run, trace } = needed()
  run.session.seek(time)
  const explanation = explainRumor(trace(), run.session.simulation.topology, node, rumor)
  scope.postMessage({ kind: 'explained', id, explanation })
}

function needed(): NonNullable<typeof current> {
  if (current === undefined) throw new Error('there is no run to look at yet')
  return current
}

function inPlainWords(error: unknown): string {
  if (error instanceof ProtocolError) return error.message
  return error instanceof Error ? error.message : String(error)
}
