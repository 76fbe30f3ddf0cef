import { cutText } from '../formats/safe-text.ts'
import type { Isolation, LabReport, TaskReport } from '../grading/report.ts'
import { markdownBlock, markdownText } from './markdown.ts'
import type { Mark } from './marks.ts'

/** What is told of one task, at most: a message may quote anything. In UTF-16 code units. */
const longestMessage = 10_000

/** What a student is told, in Markdown. Texts of theirs are only texts in it. */
export function studentReport(mark: Mark, isolations: readonly Isolation[]): string {
  const { student, labs, score, max } = mark
  const name = student.name === '' ? student.id : `${student.name} (${student.id})`
  const lines = [
    `# ${markdownText(name)}: ${score === null ? 'not judged yet' : `${score} of ${max} points`}`,
    '',
    ...circumstances(mark).flatMap((line) => [`- ${line}`]),
    ...labs.flatMap((lab) => (lab === null ? [] : ['', ...labLines(lab)])),
    ...isolationLines(isolations),
  ]
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`
}

/** The same for programs. */
export function studentJson({ student, labs, ...mark }: Mark): string {
  const { id, name, group } = student
  const handedIn = mark.handedIn === null ? null : new Date(mark.handedIn).toISOString()
  return `${JSON.stringify({ student: { id, name, group }, ...mark, handedIn, labs }, null, 2)}\n`
}

function circumstances({ student, submission, handedIn, late, penalty, points, remarks }: Mark): string[] {
  return [
    ...(submission === null || submission === student.id ? [] : [`Handed in as ${markdownText(submission)}`]),
    ...(student.group === '' ? [] : [`Group ${markdownText(student.group)}: one submission counts for all of it`]),
    ...(handedIn === null ? [] : [`Handed in at ${new Date(handedIn).toISOString()}`]),
    ...(late === 0 ? [] : [lateText(late, penalty, points)]),
    ...remarks.map(markdownText),
  ]
}

function lateText(late: number, penalty: number, points: number | null): string {
  const hours = Math.ceil(late / 3_600_000)
  const by = hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.ceil(hours / 24)} days`
  const cost = penalty === 0 || points === null ? '' : `: ${percent(penalty)} of ${points} points are taken off`
  return `Late by up to ${by}${cost}`
}

function labLines({ lab, title, score, max, tasks, measured, terms, output }: LabReport): string[] {
  return [
    `## ${lab}: ${markdownText(title)}`,
    '',
    `${score} of ${max} points. Judged in ${terms.seeds} networks by version ${markdownText(terms.grader)} of the grader.`,
    '',
    '| task | result | points |',
    '|---|---|---|',
    ...tasks.map((task) => `| ${markdownText(task.title)} | ${task.status} | ${task.score} of ${task.max} |`),
    ...measured.flatMap(({ name, value, limit }) => ['', `${markdownText(name)}: ${value} (at most ${limit})`]),
    ...failureLines(tasks),
    ...(output === '' ? [] : ['', 'What the code printed:', '', markdownBlock(cutText(output, longestMessage))]),
  ]
}

/** A file that cannot be loaded fails every task for the same reason: that is said once. */
function failureLines(tasks: readonly TaskReport[]): string[] {
  const byMessage = new Map<string, string[]>()
  for (const { title, status, message } of tasks) {
    if (status === 'passed' || message === undefined) continue
    byMessage.set(message, [...(byMessage.get(message) ?? []), title])
  }
  return [...byMessage].flatMap(([message, titles]) => {
    const title =
      titles.length === tasks.length && titles.length > 1 ? 'All tasks' : titles.map(markdownText).join('; ')
    return ['', `### ${title}`, '', markdownBlock(cutText(message, longestMessage))]
  })
}

function isolationLines(isolations: readonly Isolation[]): string[] {
  const parts = [
    ['In force', isolations.flatMap(({ inForce }) => inForce)],
    ['Not offered by the system', isolations.flatMap(({ missing }) => missing)],
    ['Not held', isolations.flatMap(({ doesNotHold }) => doesNotHold)],
  ] as const
  const lines = parts.flatMap(([title, texts]) =>
    texts.length === 0 ? [] : [`- ${title}: ${[...new Set(texts)].map(markdownText).join('; ')}`],
  )
  return lines.length === 0 ? [] : ['', '## How it was judged', '', ...lines]
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}
