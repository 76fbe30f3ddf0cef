import { DatabaseSync } from 'node:sqlite'
import { existsSync } from 'node:fs'
import { WrongUse } from '../failure.ts'
import type { LabReport } from '../grading/report.ts'
import type { Student } from './roster.ts'
import type { HandIn } from './submissions.ts'
import type { LateRule } from './moments.ts'

/** By what a class is graded. All shards of a class have the same, but for their own number. */
export interface ClassTerms {
  /** The labs, in the order of the course. */
  readonly labs: readonly string[]
  /** Null where there is no roster: then every submission is a student. */
  readonly roster: readonly Student[] | null
  /** In ms since 1970. */
  readonly due: number | null
  readonly late: LateRule | null
  /** All submissions that were there, of every shard. */
  readonly submissions: readonly string[]
  /** Which part of the class this is: `2/5`; `1/1` = all of it. */
  readonly shard: string
  /** The version of all code that decides marks, and which key; null = public networks only. */
  readonly judgedBy: { readonly grader: string; readonly key: string | null }
}

/** A report, and by what it was made: where nothing of that has changed, it is not made again. */
export interface Graded {
  readonly digest: string
  readonly report: LabReport
}

/** The state's file in the folder of a class. */
export const stateFile = 'class.sqlite'

/** That the file is one of ours, in SQLite's own header: "PLcl". */
const applicationId = 0x504c636c
const schemaVersion = 1

const schema = `
  CREATE TABLE terms (one INTEGER PRIMARY KEY CHECK (one = 1), json TEXT NOT NULL);
  CREATE TABLE hand_ins (
    submission TEXT NOT NULL, lab TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (submission, lab)
  ) STRICT;
  CREATE TABLE results (
    submission TEXT NOT NULL, lab TEXT NOT NULL, digest TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (submission, lab)
  ) STRICT;
  CREATE TABLE written (path TEXT PRIMARY KEY) STRICT;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};`

/** What is known of a class: class.sqlite. Each result is there whole, or not at all, whenever the process ends. */
export class ClassState {
  readonly #database: DatabaseSync

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Opens a state. Throws if there is none, unless it may be made; and if the file is something else. */
  static open(path: string, { make = false } = {}): ClassState {
    if (!make && !existsSync(path)) {
      throw new WrongUse(
        `There is no graded class: ${path} is not there.`,
        'Name what "peerlab class grade" got with --out.',
      )
    }
    try {
      const database = new DatabaseSync(path)
      const state = new ClassState(database)
      state.#prepare(path)
      return state
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new WrongUse(`${path} cannot be used: ${why}.`, 'Move it away, or name another folder with --out.', error)
    }
  }

  #prepare(path: string): void {
    this.#database.exec('PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;')
    const { user_version: version } = this.#database.prepare('PRAGMA user_version').get() as { user_version: number }
    const { application_id: owner } = this.#database.prepare('PRAGMA application_id').get() as {
      application_id: number
    }
    if (owner === applicationId && version === schemaVersion) return
    const tables = this.#database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }
    if (owner !== 0 || version !== 0 || tables.count > 0) {
      this.#database.close()
      throw new WrongUse(
        `${path} is not the state of a class of this version of Peerlab.`,
        'Move it away, or name another folder with --out.',
      )
    }
    this.#atOnce(() => this.#database.exec(schema))
  }

  get terms(): ClassTerms | undefined {
    const row = this.#database.prepare('SELECT json FROM terms').get() as { json: string } | undefined
    return row === undefined ? undefined : (JSON.parse(row.json) as ClassTerms)
  }

  set terms(terms: ClassTerms) {
    this.#database.prepare('INSERT OR REPLACE INTO terms VALUES (1, ?)').run(JSON.stringify(terms))
  }

  /** Sorted by submission and lab. */
  get handIns(): HandIn[] {
    const rows = this.#database.prepare('SELECT json FROM hand_ins ORDER BY submission, lab').all()
    return rows.map(({ json }) => JSON.parse(json as string) as HandIn)
  }

  /** Replaces all hand-ins, and forgets results of submissions and labs that are not there any more. */
  setHandIns(handIns: readonly HandIn[]): void {
    this.#atOnce(() => {
      this.#database.exec('DELETE FROM hand_ins')
      const insert = this.#database.prepare('INSERT INTO hand_ins VALUES (?, ?, ?)')
      for (const handIn of handIns) insert.run(handIn.submission, handIn.lab, JSON.stringify(handIn))
      this.#database.exec('DELETE FROM results WHERE (submission, lab) NOT IN (SELECT submission, lab FROM hand_ins)')
    })
  }

  result(submission: string, lab: string): Graded | undefined {
    const row = this.#database
      .prepare('SELECT digest, json FROM results WHERE submission = ? AND lab = ?')
      .get(submission, lab) as { digest: string; json: string } | undefined
    return row === undefined ? undefined : { digest: row.digest, report: JSON.parse(row.json) as LabReport }
  }

  setResult(submission: string, lab: string, { digest, report }: Graded): void {
    const replace = this.#database.prepare('INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)')
    replace.run(submission, lab, digest, JSON.stringify(report))
  }

  /** All at once, or none. */
  setResults(results: readonly (Graded & { readonly submission: string })[]): void {
    this.#atOnce(() => {
      for (const each of results) this.setResult(each.submission, each.report.lab, each)
    })
  }

  /** Files that were written out of this state, from its folder on: what is no longer among them is taken away. */
  get written(): string[] {
    return this.#database
      .prepare('SELECT path FROM written ORDER BY path')
      .all()
      .map(({ path }) => path as string)
  }

  set written(paths: readonly string[]) {
    this.#atOnce(() => {
      this.#database.exec('DELETE FROM written')
      const insert = this.#database.prepare('INSERT OR IGNORE INTO written VALUES (?)')
      for (const path of paths) insert.run(path)
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #atOnce(act: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      act()
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }
}
