import { findScenario, scenarios, type Scenario } from '@peerlab/engine'
import { hash } from 'node:crypto'
import { WrongUse } from '../failure.ts'
import { ExactSums } from './exact-sums.ts'
import { eachLine, LineTooLong } from './lines.ts'
import { isFailed, readRecord, type RunRecord } from './record.ts'

/** What the runs of one point had for one measure. */
export interface MeasureSums {
  readonly sums: ExactSums
  /** In how many runs it was null: never reached, or of no meaning. */
  notReached: number
}

/** All runs with the same parameters. */
export interface Point {
  readonly parameters: RunRecord['parameters']
  /** By seed: a digest of what came out. */
  readonly runs: Map<number, number>
  failed: number
  readonly measures: ReadonlyMap<string, MeasureSums>
}

/** The runs of any number of files. Of a run it keeps two numbers, of a point its sums. */
export class Collection {
  readonly points = new Map<string, Point>()
  /** Lines that say again what another line says. */
  duplicates = 0
  /** Files whose last line is not finished. */
  readonly torn: string[] = []
  readonly #files: string[] = []
  #first: { readonly record: RunRecord; readonly path: string } | undefined = undefined
  #scenario: Scenario | undefined = undefined

  /** Null while there is no run. */
  get scenario(): Scenario | null {
    return this.#scenario ?? null
  }

  /** Of the engine. Null while there is no run. */
  get version(): string | null {
    return this.#first?.record.version ?? null
  }

  /** Throws, with file and line, for what is no run, does not belong to the others, or contradicts one of them. */
  async read(path: string): Promise<void> {
    this.#files.push(path)
    const contradictions: { readonly record: RunRecord; readonly line: number }[] = []
    const tail = await readLines(path, (record, line) => {
      this.#checkKind(record, path)
      if (!this.#add(record) && contradictions.length === 0) contradictions.push({ record, line })
    })
    for (const { record, line } of contradictions) throw await this.#contradiction(record, path, line)
    if (tail !== '') this.torn.push(path)
  }

  /** False where the same run came out in another way before. */
  #add(record: RunRecord): boolean {
    const point = this.#pointOf(record)
    const digest = digestOf(record)
    const before = point.runs.get(record.seed)
    if (before !== undefined) {
      if (before === digest) this.duplicates++
      return before === digest
    }
    point.runs.set(record.seed, digest)
    if (isFailed(record)) {
      point.failed++
      return true
    }
    for (const [name, found] of point.measures) {
      const value = record.measures[name] ?? null
      if (value === null) found.notReached++
      else found.sums.add(value)
    }
    return true
  }

  #pointOf({ parameters }: RunRecord): Point {
    const key = keyOf(parameters)
    let point = this.points.get(key)
    if (point === undefined) {
      const measures = this.#scenario!.measures.map(
        ({ name }) => [name, { sums: new ExactSums(), notReached: 0 }] as const,
      )
      point = { parameters, runs: new Map(), failed: 0, measures: new Map(measures) }
      this.points.set(key, point)
    }
    return point
  }

  /** Runs of two scenarios or two engines have no mean. */
  #checkKind(record: RunRecord, path: string): void {
    if (this.#first === undefined) {
      if (!scenarios.some(({ id }) => id === record.scenario)) {
        const wayOut = 'It was made with another version of Peerlab: merge it with that one.'
        throw new WrongUse(`${path} is of the scenario ${record.scenario}, which is not there.`, wayOut)
      }
      this.#first = { record, path }
      this.#scenario = findScenario(record.scenario)
    }
    const { record: first, path: other } = this.#first
    if (record.scenario !== first.scenario) {
      throw new WrongUse(
        `${path} has runs of ${record.scenario}, and ${other} of ${first.scenario}.`,
        'Merge the files of one scenario at a time.',
      )
    }
    if (record.version !== first.version) {
      throw new WrongUse(
        `${path} was made with version ${record.version} of the engine, and ${other} with ${first.version}.`,
        'Their runs may be different ones. Make all of them with one version.',
      )
    }
  }

  /** Where the run stood first was not kept, so it is looked for. */
  async #contradiction(record: RunRecord, path: string, line: number): Promise<WrongUse> {
    const [key, digest] = [keyOf(record.parameters), digestOf(record)]
    let other = ''
    for (const file of new Set(this.#files)) {
      await readLines(file, (found, at) => {
        const isSame = found.seed === record.seed && keyOf(found.parameters) === key
        if (isSame && digestOf(found) !== digest && other === '') other = `${file} (line ${at})`
      })
    }
    return new WrongUse(
      `${other} and ${path} (line ${line}) say different things of one run: ${await nameOf(record)}.`,
      'One of them was changed, or made with another state of the engine. Make both again.',
    )
  }
}

async function nameOf({ scenario, seed, parameters }: RunRecord): Promise<string> {
  const { Run, toLink } = await import('@peerlab/engine')
  try {
    return toLink(new Run({ scenario, seed, parameters }).spec)
  } catch {
    return `seed ${seed} of ${scenario}`
  }
}

/** Returns what stands behind the last line break. */
async function readLines(path: string, onRecord: (record: RunRecord, line: number) => void): Promise<string> {
  const onLine = (text: string, line: number): void => {
    const record = readRecord(text)
    if (record === undefined) throw new WrongUse(`${path} is no file of a sweep (line ${line}).`, whatIsMerged)
    onRecord(record, line)
  }
  try {
    return (await eachLine(path, onLine)).text
  } catch (error) {
    if (error instanceof LineTooLong) throw new WrongUse(`${path} is no file of a sweep.`, whatIsMerged, error)
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new WrongUse(`There is no file ${path}`, whatIsMerged, error)
    if (code === 'EISDIR') throw new WrongUse(`${path} is a folder.`, `Name the files in it: ${path}/*.jsonl`, error)
    throw error
  }
}

const whatIsMerged = 'Name files that "peerlab sweep" has written with --out.'

/** The order of keys in a line says nothing. */
function keyOf(parameters: RunRecord['parameters']): string {
  return JSON.stringify(sortedEntries(parameters))
}

function sortedEntries<T>(object: { readonly [name: string]: T }): (readonly [string, T])[] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** 48 bits: that two results of one run have the same by chance is as good as excluded. */
function digestOf(record: RunRecord): number {
  const { fingerprint, time, events, messages, measures } = isFailed(record)
    ? { fingerprint: record.error, time: 0, events: 0, messages: 0, measures: {} }
    : record
  const text = JSON.stringify([fingerprint, time, events, messages, sortedEntries(measures)])
  return hash('sha256', text, 'buffer').readUIntBE(0, 6)
}
