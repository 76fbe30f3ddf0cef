import type { LabReport } from '../grading/report.ts'
import { fileNameOf } from './file-names.ts'
import { histogram } from './histogram.ts'
import { html, type Markup } from './html.ts'
import type { FailureGroup, ItemStatistics, Row } from './item-analysis.ts'
import type { Mark, Marks } from './marks.ts'
import { similarSection } from './page-similar.ts'
import { pageStyle } from './page-style.ts'
import type { ClassTerms } from './state.ts'
import type { LabSimilarity } from './write-outputs.ts'

export interface PageData {
  readonly marks: Marks
  /** What counts: the submissions that were judged in all labs. */
  readonly rows: readonly Row[]
  readonly items: readonly ItemStatistics[]
  readonly failures: readonly FailureGroup[]
  readonly similarities: readonly LabSimilarity[]
  readonly terms: ClassTerms
}

const mostFailures = 40

const sections = [
  ['scores', 'Scores'],
  ['tasks', 'Tasks'],
  ['failures', 'Failures'],
  ['similar', 'Similar pairs'],
  ['students', 'Students'],
  ['how', 'How it was judged'],
] as const

/** A class on one page, which needs nothing else: no scripts, no requests. The same data gives the same page. */
export function classPage(data: PageData): string {
  const { terms } = data
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Class: ${terms.labs.join(', ')}</title>
<style>`
  const body = html`</style>
</head>
<body>
<main>
<h1>Class</h1>
<p class="soft">${terms.labs.join(', ')}</p>
<nav>${sections.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
${figures(data)}
${scores(data)}
${tasks(data.items)}
${failures(data.failures)}
${similarSection(data.similarities)}
${students(data)}
${how(data)}
</main>
</body>
</html>
`
  return page.text + pageStyle + body.text
}

function figures({ marks, rows }: PageData): Markup {
  const handedIn = marks.all.filter(({ submission }) => submission !== null).length
  const scored = sharesOf(marks.all)
  const facts: readonly (readonly [string, string | number])[] = [
    ['students', marks.all.length],
    ['handed in', handedIn],
    ['submissions that count', rows.length],
    ['median score', scored.length === 0 ? 'none' : percent(median(scored))],
    [
      'mean score',
      scored.length === 0 ? 'none' : percent(scored.reduce((sum, share) => sum + share, 0) / scored.length),
    ],
  ]
  return html`<div class="figures">
    ${facts.map(([name, value]) => html`<div class="panel"><b>${value}</b>${name}</div>`)}
  </div>`
}

/** Shares of the maximum, of those who handed in. */
function sharesOf(marks: readonly Mark[]): number[] {
  return marks.flatMap(({ submission, score, max }) =>
    submission === null || score === null || max === 0 ? [] : [score / max],
  )
}

function scores({ marks }: PageData): Markup {
  const missing = marks.all.filter(({ submission }) => submission === null)
  return html`<h2 id="scores">Scores</h2>
    <p class="soft">Of those who handed in, lateness included.</p>
    <div class="panel">${histogram(sharesOf(marks.all))}</div>
    ${named(
      'Nothing handed in (0 points):',
      missing.map(({ student }) => student.id),
    )}
    ${named('Submissions without a student:', marks.strangers)}`
}

function named(title: string, all: readonly string[]): Markup | null {
  return all.length === 0 ? null : html`<p><span class="warn">${title}</span> ${names(all)}</p>`
}

function tasks(items: readonly ItemStatistics[]): Markup {
  return html`<h2 id="tasks">Tasks</h2>
    <p class="soft">
      Discrimination is the corrected item-total correlation: of having passed with the points of all other tasks. Near
      1, those who pass are those who do well elsewhere; near 0 or below, look at the task. It needs some thirty
      submissions to be more than a hint, and is undefined where all passed or none.
    </p>
    <div class="panel wide" tabindex="0">
      <table>
        <tr>
          <th>lab</th>
          <th>task</th>
          <th>passed</th>
          <th class="number">mean</th>
          <th class="number">discrimination</th>
        </tr>
        ${items.map(
          ({ lab, task, title, judged, passed, share, mean, max, discrimination }) =>
            html`<tr>
              <td>${lab}</td>
              <td>${title} <code>${task}</code></td>
              <td class="bar">
                <span class="meter"><i style="width:${Math.round(100 * (share ?? 0))}%"></i></span>
                ${share === null ? 'none' : percent(share)} <span class="soft">${passed} of ${judged}</span>
              </td>
              <td class="number">${mean === null ? 'none' : round(mean)} of ${max}</td>
              <td class="number">${discrimination === null ? 'undefined' : discrimination.toFixed(2)}</td>
            </tr> `,
        )}
      </table>
    </div>`
}

function failures(groups: readonly FailureGroup[]): Markup {
  const shown = groups.slice(0, mostFailures)
  const left = groups.length - shown.length
  return html`<h2 id="failures">Most common failures</h2>
    <p class="soft">By task and by the property that did not hold; each submission counts once.</p>
    <div class="panel wide" tabindex="0">
      ${
        shown.length === 0
          ? html`Nothing failed.`
          : html`<table>
              <tr>
                <th class="number">number</th>
                <th>lab, task</th>
                <th>result</th>
                <th>what</th>
                <th>whose</th>
              </tr>
              ${shown.map(
                ({ lab, task, status, what, who }) =>
                  html`<tr>
                    <td class="number">${who.length}</td>
                    <td>${lab} ${task === null ? 'all tasks' : html`<code>${task}</code>`}</td>
                    <td>${status}</td>
                    <td>${what}</td>
                    <td>${names(who, 5)}</td>
                  </tr> `,
              )}
            </table>`
      }${left > 0 ? html`<p class="soft">${left} more kinds.</p>` : null}
    </div>`
}

function students({ marks, similarities, terms }: PageData): Markup {
  const hasRoster = terms.roster !== null
  return html`<h2 id="students">Students</h2>
    <p class="soft">
      “Like the reference” is how much of a submission’s own code the solution or one of the engine’s protocols has.
      Students can read the engine.
    </p>
    <div class="panel wide" tabindex="0">
      <table>
        <tr>
          <th>id</th>
          ${
            hasRoster
              ? html`<th>name</th>
                  <th>group</th>`
              : null
          }${terms.labs.map(
            (lab) =>
              html`<th class="number">${lab}</th>
                <th class="number">like the reference</th>`,
          )}
          <th class="number">score</th>
          <th>remarks</th>
        </tr>
        ${marks.all.map((mark) => studentRow(mark, similarities, hasRoster))}
      </table>
    </div>`
}

function studentRow(mark: Mark, similarities: readonly LabSimilarity[], hasRoster: boolean): Markup {
  const { student, submission, labs, score, max, penalty, remarks } = mark
  const notes = [...(penalty > 0 ? [`late: ${percent(penalty)} off`] : []), ...remarks]
  return html`<tr>
    <td><a href="reports/${fileNameOf(student.id)}.md">${student.id}</a></td>
    ${
      hasRoster
        ? html`<td>${student.name}</td>
            <td>${student.group}</td>`
        : null
    }
    ${similarities.map(({ like }, i) => {
      const share = submission === null ? undefined : like.get(submission)
      return html`<td class="number">${labs[i]?.score ?? '–'}</td>
        <td class="number">${share === undefined ? '–' : percent(share)}</td>`
    })}
    <td class="number">${score === null ? '–' : `${round(score)} of ${max}`}</td>
    <td>${notes.join('; ')}</td>
  </tr> `
}

function how({ rows }: PageData): Markup {
  const reports = rows.flatMap((row) => row.reports)
  const terms = distinct(reports, ({ terms: { grader, seeds, key } }) => [
    `Version ${grader} of the grader, ${seeds} networks${key === undefined ? '' : `, key ${key}`}.`,
  ])
  const inForce = distinct(reports, ({ isolation }) => isolation.inForce)
  const missing = distinct(reports, ({ isolation }) => isolation.missing)
  const doesNotHold = distinct(reports, ({ isolation }) => isolation.doesNotHold)
  return html`<h2 id="how">How it was judged</h2>
    <div class="panel">
      ${terms.map((text) => html`<p>${text}</p>`)}
      ${list('Isolation in force', inForce)}${list('Not offered by the system', missing)}${list('What it does not hold', doesNotHold)}
    </div>`
}

function distinct(reports: readonly LabReport[], pick: (report: LabReport) => readonly string[]): string[] {
  return [...new Set(reports.flatMap(pick))].sort()
}

function list(title: string, texts: readonly string[]): Markup | null {
  if (texts.length === 0) return null
  return html`<p><b>${title}</b></p>
    <ul>
      ${texts.map((text) => html`<li>${text}</li>`)}
    </ul>`
}

function names(all: readonly string[], most = 200): Markup {
  const left = all.length - most
  return html`${all.slice(0, most).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
