import { XMLParser, XMLValidator } from 'fast-xml-parser'

type Attributes = { readonly [name: string]: string }

export interface TestCase extends Attributes {
  readonly name: string
  readonly classname: string
}

interface Problem extends Attributes {
  readonly '#text': string
}

interface Suite {
  readonly '@': Attributes
  readonly testcase: readonly { readonly '@': Attributes; readonly failure?: Problem; readonly error?: Problem }[]
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  attributesGroupName: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) => name === 'testsuite' || name === 'testcase' || name === 'property',
})

/** The shape that build systems read: testsuites > testsuite > testcase > (failure | error)?. */
export function junitComplaints(xml: string): string[] {
  const validity = XMLValidator.validate(xml)
  if (validity !== true) return [validity.err.msg]
  const { testsuites } = parser.parse(xml) as { testsuites?: { '@': Attributes; testsuite?: readonly Suite[] } }
  if (testsuites?.testsuite === undefined) return ['there is no testsuites > testsuite']
  return [
    ...countComplaints(
      testsuites['@'],
      testsuites.testsuite.flatMap(({ testcase }) => testcase ?? []),
    ),
    ...testsuites.testsuite.flatMap((suite) => suiteComplaints(suite)),
    // What XML 1.0 has no place for, also as a reference.
    ...(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(xml)
      ? ['a character that XML does not have']
      : []),
    ...[...xml.matchAll(/&(?!(?:amp|lt|gt|quot|apos|#9|#10);)/g)].map(({ index }) => `a reference at ${index}`),
  ]
}

export function testCases(xml: string): Suite['testcase'] {
  const { testsuites } = parser.parse(xml) as { testsuites: { testsuite: readonly Suite[] } }
  return testsuites.testsuite.flatMap(({ testcase }) => testcase)
}

function suiteComplaints(suite: Suite): string[] {
  const keys = Object.keys(suite).filter((key) => !['@', 'properties', 'testcase', 'system-out', '#text'].includes(key))
  return [
    ...keys.map((key) => `a suite has ${key}`),
    ...(suite.testcase === undefined ? ['a suite has no test case'] : countComplaints(suite['@'], suite.testcase)),
    ...(suite.testcase ?? []).flatMap(({ '@': { name, classname, time } }) => [
      ...(name === undefined || name === '' ? ['a test case has no name'] : []),
      ...(classname === undefined || classname === '' ? ['a test case has no classname'] : []),
      ...(/^\d+\.\d{3}$/.test(time ?? '') ? [] : [`the time of a test case is ${time}`]),
    ]),
  ]
}

function countComplaints(said: Attributes, cases: Suite['testcase']): string[] {
  const counted = {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: cases.filter(({ error }) => error !== undefined).length,
    skipped: 0,
  }
  return Object.entries(counted).flatMap(([name, count]) =>
    said[name] === String(count) ? [] : [`${name} is ${said[name]}, and not ${count}`],
  )
}
