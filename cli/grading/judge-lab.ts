import { fork, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleLab, LabProblem } from '../labs/bundle.ts'
import type { Manifest } from '../labs/manifest.ts'
import type { JudgeMessage, JudgeOrder } from './judge-process.ts'
import packageJson from '../package.json' with { type: 'json' }
import type { Key } from './key.ts'
import { makeReport, type LabReport, type TaskVerdict } from './report.ts'

export interface JudgeOptions {
  /** The folder with the lab's files, or with a folder of the lab's name that has them. */
  readonly folder: string
  /** Judges in hidden networks as well, drawn from this key. */
  readonly key?: Key
  /** Wall-clock time for one task, in ms. Only ends what hangs: marks come from budgets of packets. Default 30 s. */
  readonly timeout?: number
  /** Only these tasks; default: all of the manifest. */
  readonly tasks?: readonly string[]
  /** Gives the judging up; tasks without a verdict are then missing. */
  readonly signal?: AbortSignal
}

const judgeProcess = fileURLToPath(new URL('judge-process.ts', import.meta.url))

/** Judges a lab's files in a process of its own. Comes back with a whole report, whatever the code does. */
export async function judgeLab(manifest: Manifest, options: JudgeOptions): Promise<LabReport> {
  const began = performance.now()
  const verdicts: TaskVerdict[] = []
  const keep = (verdict: TaskVerdict): void => void verdicts.push(verdict)
  const tasks = options.tasks ?? manifest.tasks.map(({ id }) => id)
  const folder = folderOf(manifest, options.folder)
  const file = manifest.files[0]!
  try {
    if (!existsSync(join(folder, file))) {
      for (const task of tasks) keep({ task, status: 'missing', message: `there is no file ${join(folder, file)}` })
    } else {
      const { code } = await bundleLab(folder, file)
      for (let left = tasks; left.length > 0 && options.signal?.aborted !== true;) {
        await judgeInProcess({ lab: manifest.id, code, tasks: left }, options, keep)
        left = left.filter((task) => verdicts.every((verdict) => verdict.task !== task))
      }
    }
  } catch (error) {
    if (!(error instanceof LabProblem)) throw error
    for (const task of tasks) keep({ task, status: 'crashed', message: error.message })
  }
  return makeReport(manifest, verdicts, {
    output: '',
    isolation: { inForce: ['a process of its own'], missing: [], doesNotHold: [] },
    terms: { grader: packageJson.version, seeds: 'public' },
    gradedAt: new Date().toISOString(),
    seconds: (performance.now() - began) / 1000,
  })
}

/** A submission may have the lab's files at its top, or in a folder named after the lab, as the project has. */
function folderOf({ id, files }: Manifest, folder: string): string {
  return existsSync(join(folder, files[0]!)) || !existsSync(join(folder, id, files[0]!)) ? folder : join(folder, id)
}

/**
 * Runs one process until it is done, hangs, dies or is given up. Unless it is given up there is at least one verdict;
 * tasks that are left without one are for the next process.
 */
function judgeInProcess(order: JudgeOrder, options: JudgeOptions, keep: (verdict: TaskVerdict) => void): Promise<void> {
  const { timeout = 30_000, signal } = options
  return new Promise((resolve) => {
    const child = fork(judgeProcess, [], {
      execArgv: ['--import', import.meta.resolve('tsx'), '--enable-source-maps', '--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const started = new Set<string>()
    let current = order.tasks[0]!
    let isOver = false
    const end = (verdict?: TaskVerdict): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      kill(child)
      if (verdict !== undefined) keep(verdict)
      resolve()
    }
    const hangs = (): void =>
      end({
        task: current,
        status: 'timed-out',
        message: `did not come back within ${timeout / 1000} s: a loop in a handler or at the top of the file does not end`,
      })
    let timer = setTimeout(hangs, timeout)
    const giveUp = (): void => end()
    signal?.addEventListener('abort', giveUp)
    const died = (code: number | null): void =>
      end({
        task: current,
        status: 'crashed',
        message:
          code === 0
            ? 'the code ended the process that judges it (process.exit?); a protocol only uses its host'
            : `the process that judges the code broke down (exit code ${String(code)}): too much memory, or a fatal error`,
      })
    child.once('exit', died)
    child.once('error', () => died(null))
    child.on('message', (message: JudgeMessage) => {
      clearTimeout(timer)
      timer = setTimeout(hangs, timeout)
      if (message.kind === 'ready') child.send(order)
      if (message.kind === 'done') end()
      if (message.kind === 'begin') current = message.task
      // The first verdict counts, and only on a task that was asked for and not judged yet.
      if (
        message.kind === 'verdict' &&
        order.tasks.includes(message.verdict.task) &&
        !started.has(message.verdict.task)
      ) {
        started.add(message.verdict.task)
        keep(message.verdict)
      }
    })
  })
}

function kill(child: ChildProcess): void {
  child.removeAllListeners()
  child.on('error', () => undefined) // it may be gone already
  child.kill('SIGKILL')
}
