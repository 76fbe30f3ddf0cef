import type { LabReport, Status, TaskReport } from '../../../cli/grading/report.ts'
import { fc } from '../../support/fast-check.ts'
import { nastyText } from './nasty-text.ts'

/** A report as the judge makes them, with one task for each status. */
export function sampleReport(statuses: readonly Status[], more: Partial<LabReport> = {}): LabReport {
  const tasks = statuses.map((status, i): TaskReport => {
    const failure = status === 'passed' ? {} : { message: `property  number ${i}\nhappened  something else`, seed: 11 }
    const id = `task-${i}`
    const max = 10 + i
    return {
      id,
      title: `Task ${i}`,
      tier: 'core',
      status,
      ...failure,
      score: status === 'passed' ? max : 0,
      max,
      seconds: 0.25,
    }
  })
  return reportOf(tasks, more)
}

/** Scores and sums as they must be. */
export function reportOf(tasks: readonly TaskReport[], more: Partial<LabReport> = {}): LabReport {
  return {
    lab: '03-gossip',
    title: 'Gossip',
    score: tasks.reduce((sum, { score }) => sum + score, 0),
    max: tasks.reduce((sum, { max }) => sum + max, 0),
    tasks,
    unexpected: [],
    measured: [],
    output: '',
    isolation: { inForce: ['a process of its own'], missing: ['a user of its own'], doesNotHold: ['timing'] },
    terms: { grader: '0.1.0', seeds: 'public' },
    gradedAt: '2026-06-01T14:33:11.123Z',
    seconds: 1.5,
    ...more,
  }
}

const hidden = sampleReport(['passed', 'failed'], {
  terms: { grader: '0.1.0', seeds: 'public and hidden', key: '0123abcd' },
})

/** The cases that a platform meets, by what they are. */
export const samples: { readonly [what: string]: readonly LabReport[] } = {
  'all passed': [
    sampleReport(['passed', 'passed'], {
      measured: [{ name: 'Packets per delivery', value: 4.25, limit: 5 }],
      output: 'hi\n',
    }),
  ],
  'none passed': [sampleReport(['failed', 'failed'])],
  'a mixture': [sampleReport(['passed', 'failed', 'timed-out', 'crashed', 'missing'])],
  'zero tests': [sampleReport([])],
  'a file that cannot be loaded': [
    reportOf(
      sampleReport(['crashed', 'crashed']).tasks.map((task) => ({ ...task, message: 'gossip.ts:1:1: Unexpected "}"' })),
    ),
  ],
  'an unexpected task': [sampleReport(['passed'], { unexpected: ['free-points'] })],
  'a hidden failure': [
    { ...hidden, tasks: hidden.tasks.map(({ seed: _, ...task }) => ({ ...task, isHidden: task.status !== 'passed' })) },
  ],
}

/** Two labs, which not every platform takes. */
export const twoLabs = [sampleReport(['passed', 'timed-out']), sampleReport(['crashed'], { lab: '07-dht' })]

/** Whatever somebody got into a report. */
export const nastyReport = fc
  .array(
    fc.record({
      status: fc.constantFrom<Status>('passed', 'failed', 'timed-out', 'crashed', 'missing'),
      message: nastyText,
      title: nastyText,
      max: fc.nat(50),
    }),
    { maxLength: 4 },
  )
  .chain((parts) =>
    fc.record({ output: nastyText, unexpected: fc.array(nastyText, { maxLength: 2 }) }).map((more) =>
      reportOf(
        parts.map(({ status, message, title, max }, i): TaskReport => {
          const failure = status === 'passed' ? {} : { message }
          return {
            id: `task-${i}`,
            title,
            tier: 'core',
            status,
            ...failure,
            score: status === 'passed' ? max : 0,
            max,
            seconds: 0,
          }
        }),
        more,
      ),
    ),
  )
