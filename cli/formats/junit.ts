import type { LabReport } from '../grading/report.ts'
import type { Format } from './format.ts'
import { inWords, wholeOf, type Test, type Whole } from './tests-of.ts'

/**
 * JUnit's XML, for build systems; it has no specification, and this is the part that all of them read. A test case
 * without a child has passed, so whatever did not pass has one: a wrong answer is a failure, all else an error.
 */
export const junit: Format = {
  id: 'junit',
  title: 'JUnit XML, for build systems',
  fileName: 'junit.xml',
  failsWithTasks: true,
  prepare: () => (reports) => ({ text: junitXml(reports) }),
}

function junitXml(reports: readonly LabReport[]): string {
  const { tests, seconds } = wholeOf(reports)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="peerlab" ${counts(tests)} time="${seconds.toFixed(3)}">`,
    ...reports.flatMap((report) => suite(report, wholeOf([report]))),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(
  { lab }: LabReport,
  { tests, seconds, gradedAt, score, max, terms, isolation, output }: Whole,
): string[] {
  const properties = { score, max, ...terms, isolation }
  return [
    `  <testsuite name="${escaped(lab)}" ${counts(tests)} time="${seconds.toFixed(3)}" timestamp="${escaped(gradedAt)}">`,
    '    <properties>',
    ...Object.entries(properties).map(
      ([name, value]) => `      <property name="${name}" value="${escaped(String(value))}"/>`,
    ),
    '    </properties>',
    ...tests.map(testCase),
    ...(output === '' ? [] : [`    <system-out>${escaped(output)}</system-out>`]),
    '  </testsuite>',
  ]
}

function testCase({ name, lab, status, message, seconds }: Test): string {
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(lab)}" time="${seconds.toFixed(3)}"`
  if (status === 'passed') return `${head}/>`
  const child = status === 'failed' ? 'failure' : 'error'
  const detail = `<${child} type="${status}" message="${escaped(inWords[status])}">${escaped(message)}</${child}>`
  return `${head}>${detail}</testcase>`
}

function counts(tests: readonly Test[]): string {
  const failures = tests.filter(({ status }) => status === 'failed').length
  const errors = tests.filter(({ status }) => status !== 'failed' && status !== 'passed').length
  return `tests="${tests.length}" failures="${failures}" errors="${errors}" skipped="0"`
}

/** For elements and attributes alike; what XML has no place for is gone already. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;')
}
