import { watch } from 'node:fs'
import { join } from 'node:path'
import type { Measurement } from '../../tests/contracts/contract.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../failure.ts'
import { Grader } from '../grading/grader.ts'
import { makeReport, type LabReport, type TaskVerdict } from '../grading/report.ts'
import { askedLab } from './asked-lab.ts'
import { labsFolder, readManifests, type Manifest } from './manifest.ts'
import { fileToEdit } from './next-step.ts'
import { ProgressFile } from './progress.ts'
import { finishedLines, referenceMeasures } from './watch/finished.ts'
import { controlC, onKeys } from './watch/keys.ts'
import { currentTask, drawScreen } from './watch/screen.ts'

/** A handler of a lab takes far less than a millisecond: what takes this long does not end. */
const watchTimeout = 4000

/** Editors write a file in several steps; this long after the last one it is judged, in ms. */
const settleTime = 80

const clear = '\u001b[2J\u001b[3J\u001b[H'

/**
 * `peerlab lab watch`: judges the lab, shows one failing task and what to do next, and does so again on each save. With
 * `once` it ends after the first time; the exit code then says whether all passed.
 */
export async function watchLab(context: Context, lab: string | undefined, once: boolean): Promise<void> {
  const progress = new ProgressFile()
  const watching = new LabWatch(context, askedLab(lab, progress), progress, once)
  try {
    if (!once) return await watching.untilEnded()
    const { tasks } = await watching.judge(new AbortController().signal)
    process.exitCode = tasks.every(({ status }) => status === 'passed') ? exitCodes.done : exitCodes.checksFailed
  } finally {
    await watching.close()
  }
}

class LabWatch {
  readonly #context: Context
  readonly #manifest: Manifest
  readonly #progress: ProgressFile
  readonly #once: boolean
  readonly #grader = new Grader()
  /** The last thing that was judged, or what is known of it so far. */
  #report: Pick<LabReport, 'tasks' | 'output' | 'measured'> | undefined
  #verdicts: TaskVerdict[] = []
  #isJudging = false
  #reference: readonly Measurement[] | undefined
  /** One judging after the other: the one that was given up ends first. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(context: Context, manifest: Manifest, progress: ProgressFile, once: boolean) {
    this.#context = context
    this.#manifest = manifest
    this.#progress = progress
    this.#once = once
  }

  /** Ends on Ctrl+C or q. A save while a run is judged gives that run up. */
  async untilEnded(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      let run = new AbortController()
      let timer: NodeJS.Timeout | undefined
      const start = (): void => {
        run.abort()
        const { signal } = (run = new AbortController())
        this.judge(signal).catch((error: unknown) => {
          if (!signal.aborted) end(() => reject(error as Error))
        })
      }
      const soon = (): void => {
        clearTimeout(timer)
        timer = setTimeout(start, settleTime)
      }
      const watcher = watch(join(labsFolder, this.#manifest.id), soon)
      const end = (settle: () => void): void => {
        watcher.close()
        stopKeys()
        clearTimeout(timer)
        run.abort()
        settle()
      }
      const stopKeys = onKeys(process.stdin, (key) => {
        if (key === controlC || key === 'q') end(resolve)
        else if (key === 'r') start()
        else if (key === 'h') this.#showHint()
      })
      watcher.once('error', (error) => end(() => reject(error)))
      process.once('SIGINT', () => end(resolve))
      start()
    })
  }

  judge(signal: AbortSignal): Promise<LabReport> {
    const judging = this.#last.then(() => this.#judge(signal))
    this.#last = judging.catch(() => undefined)
    return judging
  }

  async close(): Promise<void> {
    await this.#last
    await this.#grader.close()
  }

  async #judge(signal: AbortSignal): Promise<LabReport> {
    const { out } = this.#context
    this.#verdicts = []
    this.#isJudging = true
    if (!out.isLive) out.line(`Checking ${fileToEdit(this.#manifest)} …`)
    const report = await this.#grader.judge(this.#manifest, {
      folder: join(labsFolder, this.#manifest.id),
      timeout: watchTimeout,
      endsWithLoss: true,
      signal,
      onVerdict: (verdict) => {
        this.#verdicts.push(verdict)
        if (out.isLive && !this.#once && !signal.aborted) this.#show()
      },
    })
    if (signal.aborted) return report
    this.#isJudging = false
    this.#report = report
    const passed = report.tasks.filter(({ status }) => status === 'passed').map(({ id }) => id)
    this.#progress.update(this.#manifest.id, (before) => ({ ...before, passed }))
    if (passed.length === report.tasks.length) {
      this.#reference ??= await referenceMeasures(this.#grader, this.#manifest)
    }
    this.#show()
    return report
  }

  #showHint(): void {
    const task = currentTask({ tasks: this.#tasks() })
    if (task === undefined) return
    this.#progress.update(this.#manifest.id, (before) => ({
      ...before,
      hints: { ...before.hints, [task.id]: (before.hints[task.id] ?? 0) + 1 },
    }))
    this.#show()
  }

  /** While it is judged, what is known of each task so far. */
  #tasks(): readonly (LabReport['tasks'][number] | undefined)[] {
    if (!this.#isJudging && this.#report !== undefined) return this.#report.tasks
    const circumstances = {
      output: '',
      isolation: none,
      terms: { grader: '', seeds: 'public' },
      gradedAt: '',
      seconds: 0,
    } as const
    return makeReport(this.#manifest, this.#verdicts, circumstances).tasks.map((task) =>
      this.#verdicts.some((verdict) => verdict.task === task.id) ? task : undefined,
    )
  }

  #show(): void {
    const { out, plain } = this.#context
    const tasks = this.#tasks()
    const task = currentTask({ tasks })
    const text = drawScreen(
      {
        manifest: this.#manifest,
        labs: readManifests().map((manifest) => [manifest, this.#progress.of(manifest.id)] as const),
        tasks,
        isJudging: this.#isJudging,
        printed: this.#isJudging ? '' : (this.#report?.output ?? '').trimEnd(),
        hints: task === undefined ? 0 : (this.#progress.of(this.#manifest.id).hints[task.id] ?? 0),
        finished: finishedLines(this.#manifest, this.#report?.measured ?? [], this.#reference ?? [], out),
        keys:
          this.#once || !process.stdin.isTTY ? '' : 'h next hint   r check again   q quit   (it checks when you save)',
      },
      out,
      plain,
    )
    if (out.isLive && !this.#once) out.write(clear)
    out.line(text)
  }
}

const none = { inForce: [], missing: [], doesNotHold: [] }
