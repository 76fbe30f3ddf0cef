import { Worker } from 'node:worker_threads'
import type { SweepSpec } from './plan.ts'
import type { WorkerAnswer } from './worker.ts'

export interface PoolOptions {
  readonly spec: SweepSpec
  /** The numbers of the runs that are to be made. */
  readonly runs: Iterator<number>
  /** How many runs are made at the same time. */
  readonly jobs: number
  /** Called with each answer, in the order in which they come. What it throws ends everything. */
  readonly onAnswer: (answer: WorkerAnswer) => void
  /** Gives up what is being run. */
  readonly signal: AbortSignal
}

/** Has runs made by threads, each of which gets its next run when it has answered. Comes back when all are answered. */
export async function runInPool({ spec, runs, jobs, onAnswer, signal }: PoolOptions): Promise<void> {
  const workers = new Set<Worker>()
  try {
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        const first = runs.next()
        if (first.done === true) return
        const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: spec })
        workers.add(worker)
        let current = first.value
        const leave = (): void => {
          worker.removeAllListeners()
          worker.on('error', () => undefined) // it is not heard any more
          workers.delete(worker)
        }
        const give = (run: number): void => worker.postMessage((current = run))
        worker.on('message', (answer: WorkerAnswer) => {
          try {
            onAnswer(answer)
          } catch (error) {
            reject(error as Error)
            return
          }
          const next = runs.next()
          if (next.done !== true) return give(next.value)
          leave()
          void worker.terminate()
          if (workers.size === 0) resolve()
        })
        worker.on('error', (error: NodeJS.ErrnoException) => {
          leave()
          if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error)
          // The thread is gone, the process is not: the others go on, and a new one takes its place.
          onAnswer({ run: current, lost: 'it needs more memory than there is' })
          begin()
          if (workers.size === 0) resolve()
        })
        give(current)
      }
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) return resolve()
      for (let i = 0; i < jobs; i++) begin()
      if (workers.size === 0) resolve()
    })
  } finally {
    await Promise.all([...workers].map((worker) => worker.removeAllListeners().terminate()))
  }
}
