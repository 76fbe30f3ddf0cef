import { accessSync, appendFileSync, constants, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { OutputFile } from '../export/output-file.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import type { LabReport } from '../grading/report.ts'
import type { Environment, Format, Writer } from './format.ts'
import { findFormat } from './registry.ts'

/** How people ask for a report. */
export interface ReportRequest {
  readonly format: Format
  /** `--out`: a file, or a folder for the file. Undefined: where the platform looks for it. */
  readonly out: string | undefined
  /** The folder of what was handed in. */
  readonly submission: string
  /** How many labs the report will have. */
  readonly labs: number
  readonly environment: Environment
}

/** What the options of a command say; undefined: no report was asked for. */
export function askedReport({
  format,
  out,
  json,
  ...rest
}: Omit<ReportRequest, 'format'> & { readonly format: string | undefined; readonly json: boolean }):
  ReportFile | undefined {
  if (format === undefined) {
    if (out === undefined) return undefined
    throw new WrongUse('--out needs a format.', 'Name one, for example: --format junit --out report.xml')
  }
  if (json) throw new WrongUse('--json and --format exclude each other.', 'Leave one of them out.')
  return new ReportFile({ format: findFormat(format), out, ...rest })
}

/** A report that is on its way into a file, or to stdout. */
export class ReportFile {
  /** Undefined: stdout. */
  readonly path: string | undefined
  /** The command fails where a task did. */
  readonly failsWithTasks: boolean
  readonly #write: Writer
  readonly #stepOutput: string | undefined
  /** Nobody has named the place: it is where the platform looks. */
  readonly #isOwnPlace: boolean = false

  /** Finds out before the work begins whether its result can be written, and all that the environment says. Throws if not. */
  constructor({ format, out, submission, labs, environment }: ReportRequest) {
    if (format.isForOneLab === true && labs !== 1) {
      throw new WrongUse(`A report for ${format.id} has one lab, and not ${labs}.`, 'Name one lab, such as 03-gossip.')
    }
    this.failsWithTasks = format.failsWithTasks === true
    this.#write = format.prepare(environment, submission)
    this.#stepOutput = environment['GITHUB_OUTPUT'] === '' ? undefined : environment['GITHUB_OUTPUT']
    if (this.#stepOutput !== undefined && format.hasStepOutput === true) checkStepOutput(this.#stepOutput)
    this.path = pathOf(format, out, environment)
    if (this.path === undefined) return
    if (format.makesFolder === true) makeFolder(dirname(this.path))
    checkFolder(dirname(this.path))
    this.#isOwnPlace = out === undefined
    this.#prepare(this.path).check()
  }

  /** Writes all of it, or throws and writes nothing. */
  write(reports: readonly LabReport[], { out }: Pick<Context, 'out'>): void {
    const { text, stepOutput } = this.#write(reports)
    if (this.path === undefined) out.write(text)
    else this.#prepare(this.path).write(text)
    if (stepOutput !== undefined && this.#stepOutput !== undefined) appendFileSync(this.#stepOutput, `${stepOutput}\n`)
  }

  #prepare(path: string): OutputFile {
    // The folder may be the student's checkout: a link there could lead the report over another file.
    if (this.#isOwnPlace && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(path)
    return new OutputFile(path, undefined, { option: '--out', example: basename(path) })
  }
}

function checkStepOutput(path: string): void {
  try {
    if (!statSync(path).isDirectory()) return accessSync(path, constants.W_OK)
  } catch {
    // It is said below.
  }
  throw new CouldNotRun(
    `GITHUB_OUTPUT names no file on which one may write: ${path}`,
    'GitHub Actions sets it for each step; elsewhere, unset it.',
  )
}

function pathOf(
  { defaultPath, fileName }: Format,
  out: string | undefined,
  environment: Environment,
): string | undefined {
  if (out === undefined) return defaultPath === undefined ? undefined : resolve(defaultPath(environment))
  const isFolder = out.endsWith('/') || statSync(out, { throwIfNoEntry: false })?.isDirectory() === true
  return resolve(isFolder ? join(out, fileName) : out)
}

/** Only the last folder: a platform has made the others, and where it has not, this is no such platform. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // What is missing above it or forbidden says OutputFile, in the words for people.
    if (code !== 'EEXIST' && code !== 'ENOENT' && code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw error
  }
}

/** The one case for which {@link OutputFile} has no words. */
function checkFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() !== true) return
  throw new CouldNotRun(
    `The report could not be written: ${folder} is a file.`,
    'Remove it, or name another place with --out.',
  )
}
