import { CouldNotRun } from '../failure.ts'
import { forActionsLog, jsonText, type Environment, type Format } from './format.ts'
import { wholeOf, type Whole } from './tests-of.ts'

/**
 * Classroom 50: `result.json` in the student's checkout, `classroom50/result/v1`. Who submitted what is in the
 * environment alone, and a result that says something else is rejected, so it is taken over letter by letter.
 */
export const classroom50: Format = {
  id: 'classroom50',
  title: 'Classroom 50: ./result.json',
  defaultPath: () => 'result.json',
  fileName: 'result.json',
  prepare(environment) {
    const identity = identityIn(environment)
    return (reports) => ({ text: jsonText(resultOf(identity, wholeOf(reports, { message: 4000, output: 4000 }))) })
  },
}

interface Identity {
  readonly classroom: string
  readonly assignment: string
  readonly assignment_type: string
  readonly owner: string
  readonly submission: string
  readonly commit: string
  readonly release: string
  readonly review: string
  readonly submitted_by?: { readonly username: string; readonly id: number | null }
}

/** How many tests a result may have. */
const mostTests = 100

function resultOf({ submitted_by, ...identity }: Identity, whole: Whole): object {
  if (whole.tests.length > mostTests) {
    throw new CouldNotRun(
      `The report has ${whole.tests.length} tests, and Classroom 50 takes at most ${mostTests}.`,
      'Grade fewer labs in one assignment.',
    )
  }
  return {
    schema: 'classroom50/result/v1',
    ...identity,
    datetime: submittedAt(identity.submission) ?? inSeconds(whole.gradedAt),
    graded_at: inSeconds(whole.gradedAt),
    score: integer('the score', whole.score),
    'max-score': integer('the highest score', whole.max),
    // The top level takes no other fields; those of a test are kept as they are.
    tests: whole.tests.map(({ name, status, score, max, message, lab, id }) => ({
      'test-name': name,
      passed: status === 'passed',
      score: integer(`the score of ${id}`, score),
      'max-score': integer(`the points of ${id}`, max),
      lab,
      task: id,
      status,
      message: forActionsLog(message),
      isolation: whole.isolation,
      seeds: whole.terms.seeds,
      grader: whole.terms.grader,
    })),
    ...(submitted_by === undefined ? {} : { submitted_by }),
  }
}

function identityIn(environment: Environment): Identity {
  const read = (name: string): string => {
    const value = environment[name] ?? ''
    if (value.trim() !== '') return value
    throw refusal(`the environment variable ${name} is not set`)
  }
  const url = (name: string): string => {
    const value = read(name)
    if (/^https?:\/\/[^\s]+$/.test(value)) return value
    throw refusal(`the environment variable ${name} is no address: ${JSON.stringify(value)}`)
  }
  const type = read('ASSIGNMENT_TYPE')
  if (!['individual', 'group', 'team'].includes(type)) {
    throw refusal(`ASSIGNMENT_TYPE is ${JSON.stringify(type)}, and not individual, group or team`)
  }
  const submission = read('SUBMISSION_TAG')
  if (!submission.startsWith('submit/')) {
    throw refusal(`SUBMISSION_TAG is ${JSON.stringify(submission)}, and does not begin with submit/`)
  }
  return {
    classroom: read('CLASSROOM'),
    assignment: read('ASSIGNMENT'),
    assignment_type: type,
    owner: ownerIn(environment, read),
    submission,
    commit: commitOf(submission, url('COMMIT_URL')),
    release: url('RELEASE_URL'),
    review: url('REVIEW_URL'),
    ...pusherIn(environment),
  }
}

/** Runners have both names, or the older one only. GitHub does not tell names apart by their capitals. */
function ownerIn(environment: Environment, read: (name: string) => string): string {
  const { OWNER = '', USERNAME = '' } = environment
  if (OWNER === '') return read(USERNAME === '' ? 'OWNER' : 'USERNAME')
  if (USERNAME === '' || USERNAME.toLowerCase() === OWNER.toLowerCase()) return read('OWNER')
  throw refusal(`OWNER is ${JSON.stringify(OWNER)}, but USERNAME is ${JSON.stringify(USERNAME)}`)
}

/** A tag ends with the first digits of its commit, as the address of the commit ends with all of them. */
function commitOf(tag: string, commit: string): string {
  const short = /-([0-9a-f]{7,40})$/.exec(tag)?.[1]
  const long = /\/commit\/([0-9a-f]{40})\/?$/.exec(commit)?.[1]
  if (short === undefined || long === undefined || long.startsWith(short)) return commit
  throw refusal(`SUBMISSION_TAG is of commit ${short}, but COMMIT_URL is of ${long}`)
}

function pusherIn({ GITHUB_ACTOR = '', GITHUB_ACTOR_ID = '' }: Environment): Pick<Identity, 'submitted_by'> {
  if (GITHUB_ACTOR === '') return {}
  const id = /^\d{1,15}$/.test(GITHUB_ACTOR_ID) ? Number(GITHUB_ACTOR_ID) : null
  return { submitted_by: { username: GITHUB_ACTOR, id } }
}

/** When the tag was made: it stays the same if the submission is graded again. */
function submittedAt(tag: string): string | undefined {
  const [, date, hour, minute, second] = /^submit\/(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})Z/.exec(tag) ?? []
  const time = `${date}T${hour}:${minute}:${second}Z`
  return Number.isNaN(Date.parse(time)) ? undefined : time
}

/** The platform has no place for milliseconds. */
function inSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z')
}

function integer(what: string, value: number): number {
  if (Number.isInteger(value) && value >= 0) return value
  throw new RangeError(`${what} is ${value}: Classroom 50 takes whole points; make the manifest's points whole`)
}

function refusal(what: string): CouldNotRun {
  return new CouldNotRun(
    `Nothing was graded: ${what}.`,
    "Run this inside Classroom 50's autograder, which sets all of them; docs/platforms.md has the list.",
  )
}
