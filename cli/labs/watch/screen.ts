import wrapAnsi from 'wrap-ansi'
import type { TaskReport } from '../../grading/report.ts'
import type { Output } from '../../output.ts'
import type { Manifest } from '../manifest.ts'
import { fileToEdit, isComplete, progressInWords } from '../next-step.ts'
import type { LabProgress } from '../progress.ts'
import { mark } from '../show-task.ts'

/** What there is to show. */
export interface Screen {
  readonly manifest: Manifest
  /** How far each lab is, in the order of the course. */
  readonly labs: readonly (readonly [manifest: Manifest, progress: LabProgress])[]
  /** What is known of each task so far; undefined where judging has not come to it. */
  readonly tasks: readonly (TaskReport | undefined)[]
  readonly isJudging: boolean
  /** What the code printed, without line breaks at its end. */
  readonly printed: string
  /** How many hints of the current task were asked for. */
  readonly hints: number
  /** Shown when all tasks pass. */
  readonly finished: readonly string[]
  /** What keys do; empty where there are no keys. */
  readonly keys: string
}

/** So many lines of what the code prints are shown. */
const maxPrinted = 5

/** One screen of the watch, in whole lines that fit the width. */
export function drawScreen(screen: Screen, out: Output, plain: boolean): string {
  const { manifest, tasks } = screen
  const current = currentTask(screen)
  const lines = [
    `${out.bold(manifest.id)}  ${manifest.title}`,
    out.dim(courseInWords(screen, plain)),
    '',
    ...manifest.tasks.map((task, i) => taskLine(screen, task.title, task.points, tasks[i], current, out, plain)),
    '',
    ...(current === undefined ? ending(screen, out) : toDo(screen, current, out)),
    ...(screen.printed === '' ? [] : ['', out.bold('Printed'), ...printedLines(screen.printed)]),
    ...(screen.keys === '' ? [] : ['', out.dim(screen.keys)]),
  ]
  // A file and a program that reads along have no width.
  return (out.isTerminal ? lines.map((line) => fit(line, out.columns)) : lines).join('\n')
}

/** The first task that does not pass, once judging has come to it. */
export function currentTask({ tasks }: Pick<Screen, 'tasks'>): TaskReport | undefined {
  return tasks.find((task) => task !== undefined && task.status !== 'passed')
}

function taskLine(
  { manifest, isJudging }: Screen,
  title: string,
  points: number,
  task: TaskReport | undefined,
  current: TaskReport | undefined,
  out: Output,
  plain: boolean,
): string {
  // Only the task at hand is shown as failed: one thing at a time.
  const isOpen = task?.status !== 'passed' && (task === undefined || task !== current)
  const sign = mark(isOpen ? { status: 'missing' } : task!, out, plain).replace(
    'missing:',
    isJudging ? 'open:' : 'later:',
  )
  const worth = manifest.graded ? out.dim(`  ${points} points`) : ''
  return `${sign} ${task !== undefined && task === current ? out.bold(title) : title}${worth}`
}

function toDo({ manifest, hints }: Screen, task: TaskReport, out: Output): string[] {
  const all = manifest.tasks.find(({ id }) => id === task.id)?.hints ?? []
  return [
    `${out.bold('To do now:')} ${task.title} (${task.status})`,
    '',
    ...(task.message ?? '').split('\n').map((line) => `  ${line}`),
    '',
    ...all.slice(0, hints).map((hint, i) => `  hint ${i + 1} of ${all.length}  ${hint}`),
    `  edit      ${fileToEdit(manifest)}, and save`,
    `  hint      npx peerlab lab hint ${manifest.id}`,
    `  read      labs/${manifest.id}/README.md`,
  ]
}

function ending({ isJudging, finished }: Screen, out: Output): string[] {
  return isJudging ? [out.dim('Checking …')] : [...finished]
}

function printedLines(printed: string): string[] {
  const lines = printed.split('\n')
  const more = lines.length - maxPrinted
  return [...lines.slice(0, maxPrinted), ...(more > 0 ? [`… and ${more} more lines`] : [])].map((line) => `  ${line}`)
}

/** `3 of 10 tasks, 35 of 100 points · course: 00 ██ 02 █░ 03 ░░`. */
function courseInWords({ manifest, labs }: Screen, plain: boolean): string {
  const own = labs.find(([{ id }]) => id === manifest.id)?.[1] ?? { passed: [], hints: {} }
  if (plain) {
    const done = labs.filter(([lab, progress]) => isComplete(lab, progress)).length
    return `${progressInWords(manifest, own)}; ${done} of ${labs.length} labs done`
  }
  const bars = labs.map(([lab, { passed }]) => {
    const share = lab.tasks.filter(({ id }) => passed.includes(id)).length / lab.tasks.length
    const full = share === 1 ? 4 : Math.min(3, Math.ceil(share * 4))
    return `${lab.id.split('-')[0]} ${'█'.repeat(full)}${'░'.repeat(4 - full)}`
  })
  return `${progressInWords(manifest, own)}   course: ${bars.join('  ')}`
}

/** Broken between words, with what follows under the beginning of the text; a link stays whole, so that it can be copied. */
function fit(line: string, columns: number): string {
  if (line.includes('peerlab:')) return line
  const [, margin = ''] = /^(\s*(?:[a-z][a-z\d ]*?\s{2,})?)/.exec(line) ?? []
  const width = Math.max(20, columns - margin.length)
  const [first = '', ...rest] = wrapAnsi(line.slice(margin.length), width, { hard: true, trim: false }).split('\n')
  return [margin + first, ...rest.map((text) => ' '.repeat(margin.length) + text.trimStart())]
    .map((text) => text.trimEnd())
    .join('\n')
}
