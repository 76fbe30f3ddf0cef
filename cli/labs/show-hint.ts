import type { Context } from '../context.ts'
import { WrongUse } from '../failure.ts'
import { didYouMean } from '../suggest.ts'
import { askedLab } from './asked-lab.ts'
import type { Manifest, ManifestTask } from './manifest.ts'
import { nextTask } from './next-step.ts'
import { ProgressFile } from './progress.ts'

/** `peerlab lab hint`: the hints seen so far for the task at hand, and one more. */
export function showHint({ out }: Context, lab: string | undefined, taskId: string | undefined): void {
  const progress = new ProgressFile()
  const manifest = askedLab(lab, progress)
  const task = taskId === undefined ? nextTask(manifest, progress.of(manifest.id)) : findTask(manifest, taskId)
  if (task === undefined) {
    out.line(`Every task of ${manifest.id} has passed: there is nothing to give a hint for.`)
    return
  }
  const seen = progress.of(manifest.id).hints[task.id] ?? 0
  const shown = Math.min(seen + 1, task.hints.length)
  progress.update(manifest.id, (before) => ({ ...before, hints: { ...before.hints, [task.id]: shown } }))
  out.line(`${out.bold(task.title)} (${manifest.id}, task ${task.id})`)
  task.hints.slice(0, shown).forEach((hint, i) => out.line(`  hint ${i + 1} of ${task.hints.length}: ${hint}`))
  if (seen < task.hints.length - 1) out.line(out.dim('  For one more, call this again.'))
  else out.line(out.dim(`  That is all of them. The way out of last resort: npx peerlab lab solution ${manifest.id}`))
}

function findTask({ id: lab, tasks }: Manifest, id: string): ManifestTask {
  const found = tasks.find((task) => task.id === id)
  if (found !== undefined) return found
  const ids = tasks.map((task) => task.id)
  throw new WrongUse(`${lab} has no task "${id}".${didYouMean(id, ids)}`, `Its tasks are ${ids.join(', ')}.`)
}
