import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Question } from '../../tests/contracts/questions.ts'
import { bundleScript, LabProblem, type LabScript } from '../labs/bundle.ts'
import type { Manifest } from '../labs/manifest.ts'
import packageJson from '../package.json' with { type: 'json' }
import type { JudgeMessage, Order } from './judge-worker.ts'
import type { Key } from './key.ts'
import { printable } from './printable.ts'
import { makeReport, type LabReport, type TaskVerdict } from './report.ts'
import { protections } from './sandbox/protections.ts'
import { Sandbox, type Ending, type SandboxOptions } from './sandbox/sandbox.ts'
import { sandboxFiles } from './sandbox/sandbox-files.ts'

export interface GraderOptions extends SandboxOptions {
  /** Judges in hidden networks as well, drawn from this key. */
  readonly key?: Key
}

export interface Submission {
  /** The folder with the lab's files, or with a folder of the lab's name that has them. */
  readonly folder: string
  /** Only these tasks; default: all of the manifest. */
  readonly tasks?: readonly string[]
  /** Judges no task after one that did not come back. Default: false, each has its chance. */
  readonly endsWithLoss?: boolean
  /** Called with each verdict as it comes, before the report. */
  readonly onVerdict?: (verdict: TaskVerdict) => void
  /** Asks questions on a run of the code as well, another one for each file. */
  readonly questions?: boolean
  /** Gives the judging up; tasks without a verdict are then missing. */
  readonly signal?: AbortSignal
  /** Wall-clock time for one answer of the code, in ms. Only ends what hangs. Default: 10 s. */
  readonly timeout?: number
  /** For all tasks together, in ms. Default: 5 min. */
  readonly totalTimeout?: number
}

/** How often it is looked whether an answer has come, in ms. */
const watchInterval = 50

/** So much of what the code prints goes into the report, in characters. */
const maxOutput = 4000

/** How V8, Node and the C++ library say it when they get no more. */
const noMemory = /out of memory|allocation failed|bad_alloc|terminate called/i

/** How a sandbox was ended, if it did not end by itself. */
type Stop = 'hang' | 'too long' | 'given up'

/**
 * Judges submissions, one after the other: their files run in a sandbox, the contract in a thread, and the report is
 * written here, whatever those two do.
 */
export class Grader {
  readonly #key: Key | undefined
  readonly #options: SandboxOptions
  readonly #clock = new Int32Array(new SharedArrayBuffer(4))
  #worker: Worker | undefined

  constructor({ key, ...options }: GraderOptions = {}) {
    this.#key = key
    this.#options = options
  }

  /** Comes back with a whole report, whatever the code does, after all processes of the submission are gone. */
  async judge(manifest: Manifest, submission: Submission): Promise<LabReport> {
    const began = performance.now()
    const tasks = submission.tasks ?? manifest.tasks.map(({ id }) => id)
    const judging: Judging = { manifest, submission, tasks, verdicts: [], output: '', questions: [], began }
    const problem = await this.#judgeFiles(judging).catch(brokenDown)
    if (problem !== undefined) judging.verdicts.push(...tasks.map((task) => ({ task, ...problem })))
    return makeReport(manifest, judging.verdicts, {
      output: judging.output,
      ...(submission.questions === true ? { questions: judging.questions } : {}),
      isolation: protections().isolation,
      terms: {
        grader: packageJson.version,
        ...(this.#key === undefined
          ? { seeds: 'public' as const }
          : { seeds: 'public and hidden' as const, key: this.#key.id }),
      },
      gradedAt: new Date().toISOString(),
      seconds: (performance.now() - began) / 1000,
    })
  }

  /** Must be called in the end: its thread would stay. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  /** Comes back with what keeps all tasks from being judged, if there is such a thing. */
  async #judgeFiles(judging: Judging): Promise<Pick<TaskVerdict, 'status' | 'message'> | undefined> {
    const { manifest, submission, tasks, verdicts } = judging
    const folder = folderOf(manifest, submission.folder)
    const file = manifest.files[0]!
    if (!existsSync(join(folder, file))) return { status: 'missing', message: missingFile(folder, file) }
    let script: LabScript
    try {
      script = await bundleScript(folder, file)
    } catch (error) {
      if (error instanceof LabProblem) return { status: 'crashed', message: error.message }
      throw error
    }
    let left = tasks
    for (let first = submission.questions === true; first || left.length > 0; first = false) {
      if (submission.signal?.aborted === true) break
      const problem = await this.#judgeInSandbox(judging, script, left)
      if (problem !== undefined) return problem
      left = left.filter((task) => verdicts.every((verdict) => verdict.task !== task))
      const wasLost = ['timed-out', 'crashed'].includes(verdicts.at(-1)?.status ?? '') && left.length > 0
      if (wasLost && submission.endsWithLoss === true) {
        return { status: 'missing', message: 'not judged: the task before it did not come back' }
      }
    }
    return undefined
  }

  /** Judges until all is done or the sandbox is gone; in that case the task at hand has its verdict. */
  async #judgeInSandbox(
    judging: Judging,
    { code, map }: LabScript,
    tasks: readonly string[],
  ): Promise<Pick<TaskVerdict, 'status' | 'message'> | undefined> {
    const { manifest, submission, verdicts, began } = judging
    const { timeout = 10_000, totalTimeout = 300_000, signal } = submission
    const sandbox = new Sandbox(await sandboxFiles(), code, this.#options)
    let stop: Stop | undefined
    const end = (why: Stop): void => {
      stop ??= why
      sandbox.kill()
    }
    const giveUp = (): void => end('given up')
    signal?.addEventListener('abort', giveUp)
    let isLoaded = false
    let current: string | undefined
    let [count, since] = [-1, performance.now()]
    const watch = setInterval(() => {
      const now = performance.now()
      if (now - began > totalTimeout) return end('too long')
      const found = Atomics.load(this.#clock, 0)
      if (found % 2 === 0 || found !== count) [count, since] = [found, now]
      else if (now - since > timeout) end('hang')
    }, watchInterval)
    const order: Order = {
      lab: manifest.id,
      tasks,
      key: this.#key?.bytes,
      sourceMap: map,
      connection: sandbox.connection,
      questions: submission.questions === true ? seedOf(code) : undefined,
    }
    let last: JudgeMessage
    let ending: Ending
    try {
      last = await this.#ask(order, (message) => {
        if (message.kind === 'loaded') isLoaded = true
        if (message.kind === 'begin') current = message.task
        if (message.kind === 'verdict') {
          verdicts.push(message.verdict)
          submission.onVerdict?.(message.verdict)
        }
        if (message.kind === 'questions') judging.questions = message.questions
        if (message.kind === 'printed') judging.output = cut(judging.output + printable(message.text))
      })
    } finally {
      clearInterval(watch)
      signal?.removeEventListener('abort', giveUp)
      ending = await sandbox.dispose()
    }
    if (last.kind === 'unloadable') return { status: 'crashed', message: last.message }
    if (last.kind !== 'lost' || stop === 'given up') return undefined
    const loss = lossOf(stop, last.why, ending, stop === 'too long' ? totalTimeout : timeout)
    if (stop === 'too long') {
      const open = tasks.filter((task) => verdicts.every((verdict) => verdict.task !== task))
      verdicts.push(...open.map((task) => ({ task, ...loss })))
    } else if (current === undefined) return isLoaded ? undefined : loss
    else verdicts.push({ task: current, ...loss })
    return undefined
  }

  /** Gives the thread an order and hands on what it says, until it says the last. */
  #ask(order: Order, onMessage: (message: JudgeMessage) => void): Promise<JudgeMessage> {
    this.#clock[0] = 0
    const worker = (this.#worker ??= new Worker(new URL('judge-worker.ts', import.meta.url), {
      workerData: this.#clock,
    }))
    return new Promise((resolve, reject) => {
      const hear = (message: JudgeMessage): void => {
        onMessage(message)
        if (!['done', 'lost', 'unloadable'].includes(message.kind)) return
        worker.off('message', hear).off('error', fail)
        resolve(message)
      }
      // A mistake of ours, in a contract or in the engine; the next submission gets a new thread.
      const fail = (error: unknown): void => {
        this.#worker = undefined
        worker.off('message', hear)
        reject(error as Error)
      }
      worker.on('message', hear).once('error', fail)
      const { connection } = order
      worker.postMessage(order, connection.kind === 'bridge' ? [connection.port] : [])
    })
  }
}

interface Judging {
  readonly manifest: Manifest
  readonly submission: Submission
  readonly tasks: readonly string[]
  readonly verdicts: TaskVerdict[]
  output: string
  questions: readonly Question[]
  readonly began: number
}

/** A mistake of ours, or a full disk: no task that has no verdict yet gets one, and the report says why. */
function brokenDown(error: unknown): Pick<TaskVerdict, 'status' | 'message'> {
  const why = error instanceof Error ? error.message : String(error)
  return { status: 'missing', message: `the grader could not judge it: ${why}. This is no fault of the submission` }
}

function lossOf(
  stop: Stop | undefined,
  abuse: string | undefined,
  { code, signal, stderr }: Ending,
  limit: number,
): Pick<TaskVerdict, 'status' | 'message'> {
  const seconds = `${limit / 1000} s`
  if (stop === 'hang') {
    const message = `did not come back within ${seconds}: a loop in a handler or at the top of the file does not end`
    return { status: 'timed-out', message }
  }
  if (stop === 'too long') return { status: 'timed-out', message: `all tasks together took more than ${seconds}` }
  if (abuse !== undefined) return { status: 'crashed', message: `the process that runs the code was ended: ${abuse}` }
  if (noMemory.test(stderr)) return { status: 'crashed', message: 'the code needs more memory than it may have' }
  return {
    status: 'crashed',
    message: `the process that runs the code broke down (${signal ?? `exit code ${String(code)}`}): ${firstLine(stderr)}`,
  }
}

/** Who copies a file gets its questions too, and nobody else does. */
function seedOf(code: string): number {
  return 1000 + (createHash('sha256').update(code).digest().readUInt32BE() % 999_000)
}

function firstLine(text: string): string {
  const line = printable(text).trim().split('\n')[0] ?? ''
  return line === '' ? 'it said nothing' : line.slice(0, 200)
}

function cut(text: string): string {
  return text.length > maxOutput ? `${text.slice(0, maxOutput)}\n…` : text
}

/** A submission may have the lab's files at its top, or in a folder named after the lab, as the project has. */
function folderOf({ id, files }: Manifest, folder: string): string {
  return existsSync(join(folder, files[0]!)) || !existsSync(join(folder, id, files[0]!)) ? folder : join(folder, id)
}

function missingFile(folder: string, file: string): string {
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []
  const found = there.length === 0 ? 'the folder is empty' : `there is ${there.slice(0, 8).map(printable).join(', ')}`
  return `there is no file ${file}; ${found}`
}
