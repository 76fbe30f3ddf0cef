import { jsonText, type Format } from './format.ts'
import { cutText } from './safe-text.ts'
import { wholeOf, type Test, type Whole } from './tests-of.ts'

/**
 * Exercism's test runner, version 3: `results.json` in the output folder, one exercise at a time. `error` at the top says
 * that nothing ran; a test that should have run and did not is an error of its own.
 */
export const exercism: Format = {
  id: 'exercism',
  title: 'Exercism: results.json in the folder of --out',
  defaultPath: () => 'results.json',
  fileName: 'results.json',
  isForOneLab: true,
  prepare: () => (reports) => ({ text: jsonText(resultsOf(wholeOf(reports))) }),
}

/** In UTF-16 code units, of one test; the site shows no more. */
const outputLength = 500
const truncated = '\nOutput was truncated. Please limit to 500 chars'

function resultsOf({ tests, nothingRan, output, isolation }: Whole): object {
  const allPassed = tests.every(({ status }) => status === 'passed')
  return {
    version: 3,
    status: nothingRan !== undefined ? 'error' : allPassed ? 'pass' : 'fail',
    message: nothingRan ?? null,
    tests: tests.map((test, i) => ({
      name: test.name,
      status: statusOf(test),
      message: test.status === 'passed' ? null : test.message,
      // It is not known which test made the code print something; the first one carries it.
      output: i > 0 || output === '' ? null : cutText(output, outputLength, truncated),
      // The format has no place for the isolation, and students read this.
      test_code: [`${test.id}: ${test.name}`, ...isolation.split('\n')].map((line) => `// ${line}`).join('\n'),
      ...(test.number === 0 ? {} : { task_id: test.number }),
    })),
  }
}

function statusOf({ status }: Test): 'pass' | 'fail' | 'error' {
  return status === 'passed' ? 'pass' : status === 'failed' ? 'fail' : 'error'
}
