import type { Data, Explanation, RunSpec } from '@peerlab/engine'
import type { Answer, PacketQuestion, Question, Request } from './messages.ts'
import type { RecordingData } from './recording.ts'

/** A worker that has been silent for this long, in ms, is in a loop that does not end. */
const patience = 4000

/** A worker that is not there after this long, in ms, will not come: it is a hundred files from a server that may be busy. */
const loadingPatience = 60_000

type Pending = {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
  readonly onProgress: ((events: number) => void) | undefined
}

type RequestBody = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** The page's side of the worker: starts it when it is needed, ends it when it hangs, and forgets outdated runs. */
export class RunClient {
  #worker: Worker | undefined
  #isReady = false
  #watchdog: ReturnType<typeof setTimeout> | undefined
  #nextId = 1
  readonly #pending = new Map<number, Pending>()

  /** Runs a spec to its end. A newer run takes the place of one that is still at work. */
  async run(spec: RunSpec, onProgress?: (events: number) => void): Promise<RecordingData> {
    if (this.#pending.size > 0) this.dispose()
    const answer = await this.#ask({ kind: 'run', spec }, onProgress)
    if (answer.kind !== 'recording') throw new Error('the worker gave no recording')
    return answer.recording
  }

  async inspect(question: Question): Promise<Data> {
    const answer = await this.#ask({ kind: 'inspect', ...question })
    return answer.kind === 'inspected' ? answer.data : null
  }

  async why(question: Question, rumor: string): Promise<Explanation> {
    const answer = await this.#ask({ kind: 'why', ...question, rumor })
    if (answer.kind !== 'explained') throw new Error('the worker gave no explanation')
    return answer.explanation
  }

  async whyPacket(question: PacketQuestion): Promise<Explanation> {
    const answer = await this.#ask({ kind: 'why-packet', ...question })
    if (answer.kind !== 'explained') throw new Error('the worker gave no explanation')
    return answer.explanation
  }

  /** Ends the worker; the next call starts a new one. Nothing is left that uses the processor. */
  dispose(reason = 'the run was given up'): void {
    clearTimeout(this.#watchdog)
    this.#worker?.terminate()
    this.#worker = undefined
    this.#isReady = false
    for (const { reject } of this.#pending.values()) reject(new Superseded(reason))
    this.#pending.clear()
  }

  #ask(body: RequestBody, onProgress?: (events: number) => void): Promise<Answer> {
    const worker = (this.#worker ??= this.#start())
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress })
      worker.postMessage({ ...body, id } satisfies Request)
      this.#watch()
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#receive(data)
    worker.onerror = (event) => {
      event.preventDefault()
      this.#failAll(new Error(event.message || 'the worker could not be started'))
    }
    return worker
  }

  #receive(answer: Answer): void {
    if (answer.kind === 'ready') {
      this.#isReady = true
      this.#watch()
      return
    }
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    if (answer.kind === 'progress') {
      pending.onProgress?.(answer.events)
      this.#watch()
      return
    }
    this.#pending.delete(answer.id)
    this.#watch()
    if (answer.kind === 'refused') pending.reject(new Error(answer.message))
    else pending.resolve(answer)
  }

  /** Gives the worker more time, while something is asked of it. */
  #watch(): void {
    clearTimeout(this.#watchdog)
    if (this.#pending.size === 0) return
    const [time, problem] = this.#isReady
      ? [patience, `the code did not come back within ${patience / 1000} s: a loop in it does not end`]
      : [
          loadingPatience,
          `the simulator did not load within ${loadingPatience / 1000} s: is the slide server still there?`,
        ]
    this.#watchdog = setTimeout(() => this.#failAll(new Error(problem)), time)
  }

  #failAll(error: Error): void {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    this.dispose()
    for (const { reject } of pending) reject(error)
  }
}

/** A newer run took the place of this one: nothing to tell anybody. */
export class Superseded extends Error {
  override readonly name = 'Superseded'
}
