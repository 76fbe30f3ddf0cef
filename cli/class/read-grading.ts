import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { readCount } from '../batch/read-count.ts'
import { readShard, type Shard } from '../batch/shard.ts'
import { WrongUse } from '../failure.ts'
import { readKey, type Key } from '../grading/key.ts'
import { namedLab } from '../labs/asked-lab.ts'
import { readManifests, type Manifest } from '../labs/manifest.ts'
import { graderDigest } from './judge.ts'
import { readLateRule, readMoment } from './moments.ts'
import { readRoster } from './roster.ts'
import type { ClassTerms } from './state.ts'
import { submissionsIn } from './submissions.ts'

/** The options of `peerlab class grade`, as they were typed. */
export interface GradingRequest {
  readonly submissions: string
  readonly out?: string
  readonly labs?: string
  readonly key?: string
  readonly roster?: string
  readonly due?: string
  readonly late?: string
  readonly lateMax?: string
  readonly jobs?: string
  readonly shard?: string
}

/** What is to be judged, and how. */
export interface ClassPlan extends Omit<ClassTerms, 'shard'> {
  /** The folder of the submissions. */
  readonly folder: string
  readonly out: string
  readonly manifests: readonly Manifest[]
  readonly key: Key | undefined
  readonly jobs: number
  readonly shard: Shard
}

/** Reads and checks everything before anything is judged or written. */
export function readGrading(request: GradingRequest): ClassPlan {
  const { out, key, roster } = request
  if (out === undefined || out === '')
    throw new WrongUse('A class needs a folder for its results.', 'For example: --out marks')
  const folder = resolve(request.submissions)
  const submissions = submissionsIn(folder)
  if (submissions.length === 0) {
    throw new WrongUse(`There is no folder in ${folder}.`, 'It should have a folder for each submission.')
  }
  const manifests = readLabs(request.labs)
  const late = readLateRule(request.late, request.lateMax) ?? null
  const due = readDue(request.due)
  const students = roster === undefined ? null : readRoster(roster)
  if (
    late !== null &&
    due === null &&
    !(students ?? []).some(({ extension }) => extension !== undefined && 'until' in extension)
  ) {
    throw new WrongUse('--late needs to know when the work was due.', 'Add for example: --due 2026-11-30T18:00+01:00')
  }
  const secret = key === undefined ? undefined : readKey(key)
  return {
    folder,
    submissions,
    out: resolve(out),
    labs: manifests.map(({ id }) => id),
    manifests,
    key: secret,
    judgedBy: { grader: graderDigest(), key: secret?.id ?? null },
    roster: students,
    due,
    late,
    jobs: readCount('--jobs', request.jobs) ?? availableParallelism(),
    shard: readShard(request.shard),
  }
}

/** `03-gossip,discovery`; default: all that are graded. In the order of the course. */
export function readLabs(text: string | undefined): Manifest[] {
  const all = readManifests()
  if (text === undefined) return all.filter(({ graded }) => graded)
  const ids = text.split(',').map((name) => namedLab(name.trim()).id)
  return all.filter(({ id }) => ids.includes(id))
}

function readDue(text: string | undefined): number | null {
  if (text === undefined) return null
  const due = readMoment(text)
  if (due !== undefined) return due
  throw new WrongUse(
    `--due cannot be "${text}".`,
    'It is a moment: 2026-11-30T18:00+01:00. Without an offset it is UTC, and a day alone is its end.',
  )
}
