/** Where a report goes, and what is said before anything is judged. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CouldNotRun, WrongUse } from '../../../cli/failure.ts'
import { formats } from '../../../cli/formats/registry.ts'
import { askedReport } from '../../../cli/formats/report-file.ts'
import { labsFolder } from '../../../cli/labs/manifest.ts'
import { Output } from '../../../cli/output.ts'
import { peerlab } from '../support/peerlab.ts'
import { classroom50Environment } from './classroom50-environment.ts'
import { junitComplaints } from './junit-shape.ts'
import { samples } from './sample-reports.ts'
import { complaints } from './schemas.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab report '))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const reports = samples['a mixture']!

type Asked = Partial<Parameters<typeof askedReport>[0]>

function ask(asked: Asked): ReturnType<typeof askedReport> {
  const usual = { format: undefined, out: undefined, json: false, submission: 'ada', labs: 1, environment: {} }
  return askedReport({ ...usual, ...asked })
}

/** What is printed meanwhile. */
function write(asked: Asked): string {
  let printed = ''
  const stream = { write: (text: string) => ((printed += text), true) } as unknown as NodeJS.WritableStream
  ask(asked)!.write(reports, { out: new Output(stream, true) })
  return printed
}

describe('a report', () => {
  it.each(formats.map(({ id }) => id))(
    'for %s is written whole into the file of --out, and nothing is left beside it',
    (id) => {
      const printed = write({ format: id, out: join(folder, 'report'), environment: classroom50Environment })
      expect(printed).toBe('')
      expect(readdirSync(folder)).toEqual(['report'])
      expect(readFileSync(join(folder, 'report'), 'utf8')).toMatch(/\n$/)
    },
  )

  it('goes into a folder that is given to --out under the name that the platform knows', () => {
    write({ format: 'exercism', out: folder })
    write({ format: 'junit', out: `${folder}/` })
    expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'results.json'])
  })

  it.each([
    ['gradescope', 'AUTOGRADER_ROOT'],
    ['prairielearn', 'GRADE_ROOT'],
  ])('for %s makes the folder of the results, which is not there yet', (format, variable) => {
    const printed = write({ format, environment: { [variable]: folder } })
    expect(printed).toBe('')
    expect(readdirSync(join(folder, 'results'))).toEqual(['results.json'])
  })

  it.each(['junit', 'csv', 'github-classroom'])('for %s is printed where no place is named', (format) => {
    expect(write({ format }).length).toBeGreaterThan(100)
  })

  it('never follows a link that a student has put into the checkout', () => {
    writeFileSync(join(folder, 'precious'), 'old')
    mkdirSync(join(folder, 'results'))
    symlinkSync(join(folder, 'precious'), join(folder, 'results', 'results.json'))
    write({ format: 'gradescope', environment: { AUTOGRADER_ROOT: folder } })
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('old')
    expect(readFileSync(join(folder, 'results', 'results.json'), 'utf8')).toContain('"score": 10')
  })

  it.skipIf(process.platform !== 'linux')('says that the disk is full', () => {
    expect(() => write({ format: 'csv', out: '/dev/full' })).toThrow(
      '/dev/full could not be written: the disk is full.',
    )
  })

  it('adds its line to the output of the step, and only GitHub Classroom does', () => {
    const output = join(folder, 'output')
    writeFileSync(output, 'other=1\n')
    write({ format: 'junit', environment: { GITHUB_OUTPUT: output } })
    expect(readFileSync(output, 'utf8')).toBe('other=1\n')
    write({ format: 'github-classroom', environment: { GITHUB_OUTPUT: output } })
    expect(readFileSync(output, 'utf8')).toMatch(/^other=1\nresult=[A-Za-z0-9+/]+=*\n$/)
  })
})

describe('peerlab grade', () => {
  it('with junit fails where a task did not pass, writes the report, and says the same to people', async () => {
    const starter = join(labsFolder, '03-gossip', '.starter')
    const args = ['grade', '03-gossip', '--submission', starter, '--format', 'junit', '--out', 'report.xml']
    const { code, stdout, stderr } = await peerlab(args, { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^03-gossip {2}\d+ of 100 points\n/)
    expect(junitComplaints(readFileSync(join(folder, 'report.xml'), 'utf8'))).toEqual([])
  })

  it('with a platform ends well where a task did not pass, and prints a report without a place alone', async () => {
    const args = ['grade', '03-gossip', '--submission', folder, '--format', 'github-classroom']
    const { code, stdout, stderr } = await peerlab(args, { cwd: folder, env: { GITHUB_OUTPUT: '' } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(complaints('github-classroom', JSON.parse(stdout))).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('before anything is judged it is said', () => {
  it('that the folder of the results cannot be there', () => {
    const environment = { AUTOGRADER_ROOT: join(folder, 'not', 'there') }
    expect(() => ask({ format: 'gradescope', environment })).toThrow(/not.there.results/)
    expect(readdirSync(folder)).toEqual([])
  })

  // To the superuser every folder is open, so this one is no folder at all.
  it.skipIf(process.platform === 'win32')('that nothing can be written there', () => {
    expect(() => ask({ format: 'csv', out: '/dev/fd/grades.csv' })).toThrow(CouldNotRun)
  })

  it('that a file stands where a folder should be', () => {
    writeFileSync(join(folder, 'results'), '')
    expect(() => ask({ format: 'prairielearn', environment: { GRADE_ROOT: folder } })).toThrow(
      /could not be written: .* is a file/,
    )
  })

  it('that GITHUB_OUTPUT names no file', () => {
    expect(() => ask({ format: 'github-classroom', environment: { GITHUB_OUTPUT: folder } })).toThrow(/GITHUB_OUTPUT/)
  })

  it('that --out needs a format, that --json is one of its own, and that Exercism takes one lab', () => {
    for (const asked of [
      { out: 'a' },
      { format: 'csv', json: true },
      { format: 'exercism', labs: 2 },
      { format: 'jnuit' },
    ]) {
      expect(() => ask(asked)).toThrow(WrongUse)
    }
    expect(() => ask({ format: 'jnuit' })).toThrow('Did you mean "junit"?')
  })
})

describe('what Classroom 50 says of the submission', () => {
  const required = [
    'CLASSROOM',
    'ASSIGNMENT',
    'ASSIGNMENT_TYPE',
    'SUBMISSION_TAG',
    'COMMIT_URL',
    'RELEASE_URL',
    'REVIEW_URL',
  ] as const

  const attempt = (changes: { readonly [name: string]: string | undefined }) => (): unknown =>
    ask({
      format: 'classroom50',
      out: join(folder, 'result.json'),
      environment: { ...classroom50Environment, ...changes },
    })

  it.each(required)('must have %s', (name) => {
    for (const value of [undefined, '', ' ']) {
      expect(attempt({ [name]: value })).toThrow(CouldNotRun)
      expect(attempt({ [name]: value })).toThrow(name)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('must name the owner in one variable or in both', () => {
    expect(attempt({ OWNER: undefined, USERNAME: undefined })).toThrow('OWNER is not set')
    for (const only of ['OWNER', 'USERNAME']) expect(attempt({ [only]: undefined })).not.toThrow()
    expect(attempt({ OWNER: 'Ada' })).not.toThrow()
  })

  it.each([
    [{ OWNER: 'eve' }, /OWNER is "eve", but USERNAME is "ada"/],
    [{ ASSIGNMENT_TYPE: 'pair' }, /ASSIGNMENT_TYPE is "pair"/],
    [{ SUBMISSION_TAG: 'v1' }, /does not begin with submit/],
    [{ SUBMISSION_TAG: 'submit/2026-06-01T14-32-05Z-fffffff' }, /of commit fffffff, but COMMIT_URL is of a1b2c3d/],
    [{ RELEASE_URL: 'javascript:alert(1)' }, /RELEASE_URL is no address/],
  ])('must not contradict itself: %j', (changes, says) => {
    expect(attempt(changes)).toThrow(CouldNotRun)
    expect(attempt(changes)).toThrow(says)
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends the command with 3 where something is missing, and nothing is judged or written', async () => {
    const { code, stdout, stderr } = await peerlab(['grade', '03-gossip', '--format', 'classroom50'], {
      cwd: folder,
      env: { ...classroom50Environment, RELEASE_URL: '' },
    })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^Error: Nothing was graded: the environment variable RELEASE_URL is not set\.\n.+\n$/)
    expect(readdirSync(folder)).toEqual([])
  })
})
