import { fitting } from './fitting.ts'
import { forActionsLog, jsonText, type Format } from './format.ts'
import type { Test, Whole } from './tests-of.ts'

/**
 * The reporter of GitHub Classroom, which old workflows still have: a step gives the JSON in base64 as its output
 * `result`, and the reporter reads it from the environment. It prints messages into the log of the workflow.
 */
export const githubClassroom: Format = {
  id: 'github-classroom',
  title: "GitHub Classroom's grading reporter: the JSON, and result= in the file that GITHUB_OUTPUT names",
  fileName: 'result.json',
  hasStepOutput: true,
  prepare: () => (reports) => {
    const json = fitting(reports, atMost, (whole) => JSON.stringify(resultOf(whole)))
    const stepOutput = `result=${Buffer.from(json).toString('base64')}`
    return { text: jsonText(JSON.parse(json)), stepOutput }
  },
}

/** In bytes of JSON. In base64 it goes through an environment variable, and Linux takes at most 128 KiB in one. */
const atMost = 90_000

function resultOf({ tests, max, nothingRan, isolation }: Whole): object {
  const allPassed = tests.every(({ status }) => status === 'passed')
  return {
    version: 1,
    status: nothingRan !== undefined ? 'error' : allPassed ? 'pass' : 'fail',
    max_score: max,
    tests: tests.map((test, i) => ({
      name: test.name,
      status: statusOf(test),
      score: test.score,
      message: forActionsLog(test.message),
      // The format has no place for the isolation.
      test_code: `npx peerlab grade ${test.lab}${i > 0 ? '' : ` # ${isolation.replaceAll('\n', '. ')}`}`,
      filename: '',
      line_no: 0,
      duration: Math.round(test.seconds * 1000), // ms
    })),
  }
}

function statusOf({ status }: Test): 'pass' | 'fail' | 'error' {
  return status === 'passed' ? 'pass' : status === 'failed' ? 'fail' : 'error'
}
