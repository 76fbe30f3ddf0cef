/** Makes runs, one after the other, in a thread of its own: told their numbers, it answers with the lines for the file. */
import { ProtocolError, Run } from '@peerlab/engine'
import { parentPort, workerData } from 'node:worker_threads'
import { formatNumber } from '../format.ts'
import { resultOf } from '../run/outcome.ts'
import { Plan, type SweepSpec } from './plan.ts'
import { failedLine, finishedLine } from './record.ts'

/** What a worker says of a run. */
export type WorkerAnswer =
  | { readonly run: number; readonly line: string; readonly error: string | undefined }
  /** This machine could not: another one, or a later try, may. */
  | { readonly run: number; readonly lost: string }

const plan = new Plan(workerData as SweepSpec)

parentPort!.on('message', (run: number) => parentPort!.postMessage(answer(run)))

function answer(number: number): WorkerAnswer {
  const spec = plan.run(number)
  try {
    const run = new Run(spec)
    const { maxEvents } = plan.spec
    if (run.finish({ maxEvents }) !== 'events') {
      return { run: number, line: finishedLine(resultOf(run)), error: undefined }
    }
    return failed(number, `it is not over after ${formatNumber(maxEvents)} events`)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (isLackOfMemory(error)) return { run: number, lost: message }
    return failed(number, message)
  }
}

function failed(number: number, error: string): WorkerAnswer {
  const { scenario, seed, parameters } = plan.run(number)
  const all = { ...plan.defaults, ...parameters }
  return { run: number, line: failedLine({ scenario, seed, parameters: all }, error), error }
}

/** Such an error says something of the machine and nothing of the run. */
function isLackOfMemory(error: unknown): boolean {
  const cause = error instanceof ProtocolError ? error.cause : error
  return cause instanceof RangeError && cause.message.includes('allocation failed')
}
