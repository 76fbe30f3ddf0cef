import { watch } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { exitCodes } from '../failure.ts'
import { judgeLab } from '../grading/judge-lab.ts'
import type { LabReport } from '../grading/report.ts'
import { askedLab } from './asked-lab.ts'
import { labsFolder, type Manifest } from './manifest.ts'
import { fileToEdit, progressInWords } from './next-step.ts'
import { ProgressFile } from './progress.ts'
import { indented, mark } from './show-task.ts'

/** A handler of a lab takes far less than a millisecond: what takes this long does not end. */
const watchTimeout = 10_000

/** Editors write a file in several steps; this long after the last one it is judged, in ms. */
const settleTime = 80

/**
 * `peerlab lab watch`: judges the lab, shows one failing task and what to do next, and does so again on each save. With
 * `once` it ends after the first time; the exit code then says whether all passed.
 */
export async function watchLab(context: Context, lab: string | undefined, once: boolean): Promise<void> {
  const progress = new ProgressFile()
  const manifest = askedLab(lab, progress)
  const judge = async (signal?: AbortSignal): Promise<LabReport> => {
    if (!context.out.isLive) context.out.line(`Checking ${fileToEdit(manifest)} …`)
    const report = await judgeLab(manifest, {
      folder: join(labsFolder, manifest.id),
      timeout: watchTimeout,
      ...(signal === undefined ? {} : { signal }),
    })
    if (signal?.aborted !== true) show(context, manifest, report, progress, once)
    return report
  }
  if (once) {
    const { tasks } = await judge()
    process.exitCode = tasks.every(({ status }) => status === 'passed') ? exitCodes.done : exitCodes.checksFailed
    return
  }
  await judgeOnEachSave(join(labsFolder, manifest.id), judge)
}

/** Never returns by itself: Ctrl+C ends it. A save while a run is judged gives that run up. */
async function judgeOnEachSave(folder: string, judge: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let run = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const start = (): void => {
      run.abort()
      const { signal } = (run = new AbortController())
      judge(signal).catch((error: unknown) => {
        if (!signal.aborted) end(() => reject(error as Error))
      })
    }
    const watcher = watch(folder, () => {
      clearTimeout(timer)
      timer = setTimeout(start, settleTime)
    })
    const end = (settle: () => void): void => {
      watcher.close()
      clearTimeout(timer)
      run.abort()
      settle()
    }
    watcher.once('error', (error) => end(() => reject(error)))
    process.once('SIGINT', () => end(resolve))
    start()
  })
}

function show(
  { out, plain }: Context,
  manifest: Manifest,
  report: LabReport,
  progress: ProgressFile,
  once: boolean,
): void {
  const passed = report.tasks.filter(({ status }) => status === 'passed').map(({ id }) => id)
  progress.update(manifest.id, (before) => ({ ...before, passed }))
  if (out.isLive && !once) out.write('\u001b[2J\u001b[3J\u001b[H') // an empty screen
  out.line(`${out.bold(manifest.id)}  ${manifest.title}`)
  out.line(out.dim(progressInWords(manifest, progress.of(manifest.id))))
  out.line()
  const current = report.tasks.find(({ status }) => status !== 'passed')
  for (const task of report.tasks) {
    const points = manifest.graded ? `${String(task.max).padStart(4)} points` : ''
    // Only the task at hand is shown as failed: one thing at a time.
    const sign = mark(task.status === 'passed' || task === current ? task : { status: 'missing' }, out, plain)
    out.line(
      `${sign.replace('missing:', 'later:')} ${task === current ? out.bold(task.title) : task.title}${out.dim(points)}`,
    )
  }
  out.line()
  if (current === undefined) {
    out.line(`All tasks pass. Now see your code in a larger network:\n  ${runCommandFor(manifest)}`)
    return
  }
  out.line(`${out.bold('To do now:')} ${current.title} (${current.status})`)
  out.line()
  out.line(indented(current.message ?? ''))
  out.line()
  out.line(`  edit   ${fileToEdit(manifest)}${once ? '' : ', and save'}`)
  out.line(`  hint   npx peerlab lab hint ${manifest.id}`)
  out.line(`  read   labs/${manifest.id}/README.md`)
}

function runCommandFor({ id, scenario }: Manifest): string {
  return `npx peerlab run ${scenario} --seed 1 --lab ${id}${scenario === 'gossip' ? ' --set style=gossip' : ''}`
}
