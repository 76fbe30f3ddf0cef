import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Lock } from '../batch/lock.ts'
import { StopSignals } from '../batch/stop-signals.ts'
import type { Context } from '../context.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { formatCount } from '../format.ts'
import { safeLine } from '../formats/safe-text.ts'
import { ClassState, stateFile, type ClassTerms, type Graded } from './state.ts'
import type { HandIn } from './submissions.ts'
import { hashOf } from './submissions.ts'
import { writeOutputs } from './write-outputs.ts'

export interface MergeRequest {
  readonly folders: readonly string[]
  readonly out?: string
}

/** One submission's work on one lab, and where it was found. */
interface Found {
  readonly handIn: HandIn
  readonly graded: Graded
  readonly folder: string
}

/** `peerlab class merge`: joins what shards have judged. Reads everything before it writes anything. */
export function mergeClasses(context: Context, { folders, out }: MergeRequest): void {
  if (out === undefined || out === '') throw new WrongUse('A merged class needs a folder.', 'For example: --out marks')
  const target = resolve(out)
  if (folders.some((folder) => resolve(folder) === target)) {
    throw new WrongUse(
      `${target} is one of the shards.`,
      'Merge into another folder, so that every shard stays as it is.',
    )
  }
  const { terms, found } = readShards(folders)
  const parts = terms.submissions.length * terms.labs.length
  if (found.size < parts) throw incomplete(terms, found)
  mkdirSync(target, { recursive: true })
  const path = join(target, stateFile)
  const stop = new StopSignals()
  const lock = Lock.take(path, { work: 'grading', onLost: () => stop.now('lock') })
  let state: ClassState | undefined
  try {
    state = ClassState.open(path, { make: true })
    const all = [...found.values()]
    state.terms = { ...terms, shard: '1/1' }
    state.setHandIns(all.map(({ handIn }) => handIn))
    state.setResults(all.map(({ handIn, graded }) => ({ submission: handIn.submission, ...graded })))
    writeOutputs(state, target)
    context.out.line(
      `${formatCount(found.size, 'parts')} of ${formatCount(folders.length, 'shards')} merged. Open ${join(target, 'index.html')}`,
    )
  } finally {
    stop.end()
    state?.close()
    lock.release()
  }
}

function readShards(folders: readonly string[]): { readonly terms: ClassTerms; readonly found: Map<string, Found> } {
  const found = new Map<string, Found>()
  let first: { readonly terms: ClassTerms; readonly folder: string } | undefined
  for (const folder of folders) {
    const state = ClassState.open(join(resolve(folder), stateFile))
    try {
      const { terms } = state
      if (terms === undefined) throw new WrongUse(`${folder} was never graded.`, 'Run its shard first.')
      first ??= { terms, folder }
      checkTerms(first, terms, folder)
      for (const handIn of state.handIns) {
        const graded = state.result(handIn.submission, handIn.lab)
        if (graded !== undefined) add(found, { handIn, graded, folder })
      }
    } finally {
      state.close()
    }
  }
  if (first === undefined)
    throw new WrongUse('Name the folders of the shards.', 'For example: peerlab class merge shard-* --out marks')
  return { terms: first.terms, found }
}

const termNames: { readonly [name in keyof Omit<ClassTerms, 'shard'>]: string } = {
  labs: 'labs',
  roster: 'rosters',
  due: 'deadlines',
  late: 'rules for being late',
  submissions: 'lists of submissions',
  judgedBy: 'versions of the grader, or keys',
}

function checkTerms(
  first: { readonly terms: ClassTerms; readonly folder: string },
  terms: ClassTerms,
  folder: string,
): void {
  for (const [name, words] of Object.entries(termNames) as [keyof typeof termNames, string][]) {
    if (isDeepStrictEqual(first.terms[name], terms[name])) continue
    throw new WrongUse(
      `${first.folder} and ${folder} have different ${words}.`,
      'Grade all shards by the same commit, with the same options and the same submissions.',
    )
  }
}

function add(found: Map<string, Found>, part: Found): void {
  const { handIn, graded, folder } = part
  const key = JSON.stringify([handIn.submission, handIn.lab])
  const before = found.get(key)
  const isSame =
    before === undefined ||
    (hashOf(before.handIn) === hashOf(handIn) && isDeepStrictEqual(verdictsOf(before.graded), verdictsOf(graded)))
  if (!isSame) {
    throw new WrongUse(
      `${before.folder} and ${folder} say different things of ${safeLine(handIn.submission)} in ${handIn.lab}.`,
      'Its files have changed, or one was regraded. Grade both shards again, or leave one out.',
    )
  }
  if (before === undefined) found.set(key, part)
}

function verdictsOf({ report }: Graded): unknown {
  return report.tasks.map(({ id, status, score }) => [id, status, score])
}

function incomplete({ submissions, labs }: ClassTerms, found: ReadonlyMap<string, Found>): CouldNotRun {
  const missing = submissions.filter((name) => labs.some((lab) => !found.has(JSON.stringify([name, lab]))))
  const shown = missing.slice(0, 5).map((name) => safeLine(name, 60))
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : ''
  return new CouldNotRun(
    `${formatCount(missing.length, 'submissions')} of ${submissions.length} are not judged in any of these shards: ${shown.join(', ')}${more}.`,
    'Name all shards, and let each of them come to its end.',
  )
}
