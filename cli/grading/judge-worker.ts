/**
 * A thread that judges: it holds the contract and the simulation, asks the sandbox over its pipes and waits for each
 * answer. Whoever started it watches the clock, and ends the sandbox when an answer does not come.
 */
import type { SourceMapPayload } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { SubjectGone } from '@peerlab/engine'
import {
  judgeTask,
  type Contract,
  type SubjectFactory,
  type SubjectOptions,
  type Verdict,
} from '../../tests/contracts/contract.ts'
import { hiddenDraw, publicDraw, type Draw } from '../../tests/contracts/draw.ts'
import type { Question } from '../../tests/contracts/questions.ts'
import { explain, replayLink } from '../../tests/contracts/explain.ts'
import { findContract } from '../../tests/contracts/registry.ts'
import type { TaskVerdict } from './report.ts'
import { askOver, type Connection } from './sandbox/connection.ts'
import { RemoteSubject, type Ask } from './sandbox/remote-subject.ts'

/** What is to be judged, and where. */
export interface Order {
  readonly lab: string
  readonly tasks: readonly string[]
  readonly key: Uint8Array | undefined
  readonly sourceMap: SourceMapPayload
  readonly connection: Connection
  /** Asks questions on a run with this seed. */
  readonly questions: number | undefined
}

export type JudgeMessage =
  /** The file cannot be loaded, or has none of what is asked for. */
  | { readonly kind: 'unloadable'; readonly message: string }
  | { readonly kind: 'loaded' }
  /** The next is a task's, or that of no task. */
  | { readonly kind: 'begin'; readonly task: string | undefined }
  | { readonly kind: 'verdict'; readonly verdict: TaskVerdict }
  /** The sandbox is gone, or must go: it said what it may not. */
  | { readonly kind: 'lost'; readonly why: string | undefined }
  | { readonly kind: 'printed'; readonly text: string }
  | { readonly kind: 'questions'; readonly questions: readonly Question[] }
  | { readonly kind: 'done' }

/** Odd while an answer is awaited; one more with each question and with each answer. */
const clock = workerData as Int32Array

parentPort!.on('message', (order: Order) => void judge(order))

async function judge(order: Order): Promise<void> {
  try {
    tell(await judgeAll(order))
  } catch (error) {
    if (!(error instanceof SubjectGone)) throw error
    tell({ kind: 'lost', why: error.offence })
  }
}

/** Comes back with the last message: there is one for each order. */
async function judgeAll({ lab, tasks, key, sourceMap, connection, questions }: Order): Promise<JudgeMessage> {
  const askNow = askOver(connection)
  const ask: Ask = (line) => {
    Atomics.add(clock, 0, 1)
    try {
      return askNow(line)
    } finally {
      Atomics.add(clock, 0, 1)
    }
  }
  const onPrint = (text: string): void => tell({ kind: 'printed', text })
  const subject = (options: SubjectOptions = {}): RemoteSubject =>
    new RemoteSubject({ ...options, ask, sourceMap, onPrint })
  const loaded = subject().load()
  if (!loaded.ok) {
    const { name, message, stack = '' } = loaded.error
    const place = /[\w.-]+\.[cm]?ts:\d+/.exec(stack)?.[0]
    const at = place === undefined ? '' : `, at ${place}`
    return { kind: 'unloadable', message: `the file could not be loaded: ${name}: ${message}${at}` }
  }
  tell({ kind: 'loaded' })
  const contract = findContract(lab)
  const draws = key === undefined ? [publicDraw] : [publicDraw, hiddenDraw(key, lab)]
  for (const task of tasks) {
    tell({ kind: 'begin', task })
    const began = performance.now()
    const verdict = await verdictOn(contract, task, draws, async (options) => subject(options))
    tell({ kind: 'verdict', verdict: { ...verdict, seconds: (performance.now() - began) / 1000 } })
  }
  if (questions !== undefined && contract.questions !== undefined) {
    tell({ kind: 'begin', task: undefined })
    tell({ kind: 'questions', questions: await contract.questions(async () => subject(), questions) })
  }
  return { kind: 'done' }
}

async function verdictOn(
  contract: Contract,
  id: string,
  draws: readonly Draw[],
  subject: SubjectFactory,
): Promise<TaskVerdict> {
  let verdict: TaskVerdict = { task: id, status: 'missing', message: `the contract has no task ${id}` }
  for (const draw of draws) {
    const task = contract.tasks(draw).find((candidate) => candidate.id === id)
    if (task === undefined) return verdict
    const judged = await judgeTask(task, subject)
    if (judged.status !== 'passed') return failureOf(judged, contract.lab, draw.isHidden)
    // What is measured in public networks is what everybody can compare.
    if (!draw.isHidden) verdict = { task: id, status: 'passed', measured: judged.measured }
  }
  return verdict
}

function failureOf(
  { task, status, finding }: Exclude<Verdict, { readonly status: 'passed' }>,
  lab: string,
  isHidden: boolean,
): TaskVerdict {
  const message = explain(finding, lab, isHidden)
  if (isHidden) return { task, status, message, isHidden }
  return { task, status, message, seed: finding.spec.seed, replay: replayLink(finding, lab) }
}

function tell(message: JudgeMessage): void {
  parentPort!.postMessage(message)
}
