import type { LabReport } from '../grading/report.ts'
import { safeText } from './safe-text.ts'

/** The variables of a process, as Node has them. */
export type Environment = { readonly [name: string]: string | undefined }

/** A report as some platform reads it. */
export interface Format {
  /** As it is written behind `--format`. */
  readonly id: string
  /** For whom it is, in a few words. */
  readonly title: string
  /** Where the platform looks for it; undefined: it is printed. */
  readonly defaultPath?: (environment: Environment) => string
  /** What a file in a folder that is given to `--out` is called. */
  readonly fileName: string
  /** Makes the last folder of the path where it is not there. Default: false. */
  readonly makesFolder?: boolean
  /** The platform takes one lab in a report. Default: false. */
  readonly isForOneLab?: boolean
  /** The command fails where a task did, as a build step should. Default: false, the report says it. */
  readonly failsWithTasks?: boolean
  /** It has a line for the file that GITHUB_OUTPUT names. Default: false. */
  readonly hasStepOutput?: boolean
  /**
   * Finds out what the environment says before any work begins. Throws {@link CouldNotRun} where it says too little;
   * returns what writes the report.
   */
  readonly prepare: (environment: Environment, submission: string) => Writer
}

/** Writes the whole report; the reports of at least one lab. */
export type Writer = (reports: readonly LabReport[]) => {
  readonly text: string
  /** A line for the file that GITHUB_OUTPUT names. */
  readonly stepOutput?: string
}

/** What of a report is printed beside it: platforms show that to people, and GitHub Actions looks for commands in it. */
export function forLog(report: LabReport): LabReport {
  const tasks = report.tasks.map((task) =>
    task.message === undefined ? task : { ...task, message: forActionsLog(safeText(task.message)) },
  )
  return { ...report, tasks }
}

/** For people who look into the file as well. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/**
 * A log of GitHub Actions takes a line that begins with `::`, also behind blanks, and `##[` anywhere for a command to
 * the runner. A word joiner, which nobody sees, makes text of both.
 */
export function forActionsLog(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1:\u2060').replaceAll('##[', '##\u2060[')
}
