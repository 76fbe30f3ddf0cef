import { jsonText, type Format } from './format.ts'
import { inWords, wholeOf, type Whole } from './tests-of.ts'

/**
 * Gradescope: `results/results.json` in the folder of the autograder. Each test is visible, because one hidden test hides
 * the total from students; what hidden networks are, the report does not have. Text is text, not Markdown.
 */
export const gradescope: Format = {
  id: 'gradescope',
  title: 'Gradescope: /autograder/results/results.json',
  defaultPath: ({ AUTOGRADER_ROOT = '/autograder' }) => `${AUTOGRADER_ROOT}/results/results.json`,
  fileName: 'results.json',
  makesFolder: true,
  prepare: () => (reports) => ({ text: jsonText(resultsOf(wholeOf(reports))) }),
}

function resultsOf({ score, tests, output, measured, isolation, terms, gradedAt, seconds, nothingRan }: Whole): object {
  return {
    score,
    execution_time: Math.round(seconds),
    output: [
      nothingRan,
      output === '' ? undefined : `The code printed:\n${output}`,
      `Graded in ${terms.seeds} networks.`,
    ]
      .filter((part) => part !== undefined)
      .join('\n\n'),
    output_format: 'text',
    stdout_visibility: 'hidden',
    extra_data: { isolation, ...terms, graded_at: gradedAt },
    tests: tests.map((test) => ({
      score: test.score,
      max_score: test.max,
      status: test.status === 'passed' ? 'passed' : 'failed',
      name: test.name,
      output: test.message,
      output_format: 'text',
      tags: [test.status, ...(test.isHidden ? ['hidden-network'] : [])],
      visibility: 'visible',
      extra_data: { lab: test.lab, task: test.id, outcome: inWords[test.status], seconds: test.seconds },
    })),
    ...(measured.length === 0
      ? {}
      : { leaderboard: measured.map(({ name, value }) => ({ name, value, order: 'asc' })) }),
  }
}
