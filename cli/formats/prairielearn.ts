import { fitting } from './fitting.ts'
import { jsonText, type Format } from './format.ts'
import type { Whole } from './tests-of.ts'

/**
 * PrairieLearn's external grader: `results/results.json` in the folder of the grading job, at most 1 MB. A file that
 * could not be judged at all costs the student no attempt.
 */
export const prairielearn: Format = {
  id: 'prairielearn',
  title: 'PrairieLearn: /grade/results/results.json',
  defaultPath: ({ GRADE_ROOT = '/grade' }) => `${GRADE_ROOT}/results/results.json`,
  fileName: 'results.json',
  makesFolder: true,
  prepare: () => (reports) => ({ text: fitting(reports, atMost, (whole) => jsonText(resultsOf(whole))) }),
}

/** In bytes of UTF-8. */
const atMost = 1_000_000

function resultsOf({ score, max, tests, output, isolation, terms, nothingRan }: Whole): object {
  return {
    gradable: nothingRan === undefined,
    score: nothingRan !== undefined || max === 0 ? 0 : score / max,
    message: [nothingRan ?? `${score} of ${max} points`, `Graded in ${terms.seeds} networks.`, isolation].join('\n\n'),
    output,
    format_errors: nothingRan === undefined ? [] : [nothingRan],
    images: [],
    tests: tests.map((test) => ({
      name: test.name,
      description: `${test.lab}, task ${test.id}`,
      points: test.score,
      max_points: test.max,
      message: test.message,
      output: '',
    })),
  }
}
