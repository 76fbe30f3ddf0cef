import type { LabReport } from '../grading/report.ts'
import { penaltyOf } from './moments.ts'
import type { Student } from './roster.ts'
import type { ClassTerms } from './state.ts'
import type { HandIn } from './submissions.ts'

/** What a student gets, and why. */
export interface Mark {
  readonly student: Student
  /** The submission that counts; null = none. */
  readonly submission: string | null
  /** In the order of the class's labs; null = this lab was not judged (yet). */
  readonly labs: readonly (LabReport | null)[]
  /** In ms since 1970; null where it is not known. */
  readonly handedIn: number | null
  /** Who says so. */
  readonly handedInFrom: 'roster' | 'files' | ''
  /** After the student's own deadline, in ms; 0 = in time. */
  readonly late: number
  /** The share of the points that is lost by it, from 0 to 1. */
  readonly penalty: number
  /** As judged; null while labs are not judged yet. */
  readonly points: number | null
  /** What counts: the points without the penalty, to hundredths. */
  readonly score: number | null
  readonly max: number
  readonly remarks: readonly string[]
}

/** Everybody's marks. */
export interface Marks {
  /** In the order of the roster; without one in that of the submissions. */
  readonly all: readonly Mark[]
  /** Submissions that belong to no student of the roster, or to two who are not of one group. */
  readonly strangers: readonly string[]
  /** Submissions that count for somebody: each once, however many are in its group. */
  readonly counted: readonly string[]
}

export interface Judged {
  readonly terms: ClassTerms
  readonly handIns: readonly HandIn[]
  report(submission: string, lab: string): LabReport | undefined
  /** The points of a lab, for those who handed nothing in. */
  maxOf(lab: string): number
}

/** Gives each submission to its students, and each student the marks of one submission. */
export function marksOf(judged: Judged): Marks {
  const { terms, handIns } = judged
  const names = [...new Set(handIns.map(({ submission }) => submission))].sort()
  const students = terms.roster ?? names.map(alone)
  const { owned, owners, strangers } = assign(names, students)
  const written = new Map<string, number>()
  for (const { submission, writtenAt } of handIns) {
    if (writtenAt === undefined) continue
    written.set(submission, Math.max(written.get(submission) ?? 0, Date.parse(writtenAt)))
  }
  const times = new Map(names.map((name) => [name, timeOf(owners.get(name) ?? [], written.get(name))]))
  const all = students.map((student) => markOf(judged, student, owned.get(student.id) ?? [], times))
  const counted = new Set(all.flatMap(({ submission }) => submission ?? []))
  return { all, strangers, counted: names.filter((name) => counted.has(name)) }
}

function alone(submission: string): Student {
  return { id: submission, name: '', email: '', group: '', submission }
}

/** Names are compared as they are and, where that finds nobody, without regard to case and to how accents are encoded. */
function assign(
  names: readonly string[],
  students: readonly Student[],
): {
  /** By student: all submissions that may count. */
  readonly owned: ReadonlyMap<string, readonly string[]>
  /** By submission: whose name it has. */
  readonly owners: ReadonlyMap<string, readonly Student[]>
  readonly strangers: readonly string[]
} {
  const exact = indexOf(students, (name) => name)
  const folded = indexOf(students, fold)
  const owned = new Map<string, string[]>()
  const owners = new Map<string, readonly Student[]>()
  const strangers: string[] = []
  for (const name of names) {
    const named = exact.get(name) ?? folded.get(fold(name)) ?? []
    const groups = new Set(named.map(({ group, id }) => (group === '' ? `alone ${id}` : `group ${group}`)))
    const [owner] = named
    if (owner === undefined || groups.size > 1) {
      strangers.push(name)
      continue
    }
    owners.set(name, named)
    const members = owner.group === '' ? [owner] : students.filter(({ group }) => group === owner.group)
    for (const { id } of members) owned.set(id, [...(owned.get(id) ?? []), name])
  }
  return { owned, owners, strangers }
}

/** When something was handed in, and who says so. */
interface HandInTime {
  readonly at: number | null
  readonly from: Mark['handedInFrom']
}

/** What the roster says of those whose name it has; otherwise when its newest file was written. */
function timeOf(named: readonly Student[], written: number | undefined): HandInTime {
  const said = named.flatMap(({ handedIn }) => handedIn ?? [])
  if (said.length > 0) return { at: Math.max(...said), from: 'roster' }
  return written === undefined ? { at: null, from: '' } : { at: written, from: 'files' }
}

function indexOf(students: readonly Student[], key: (name: string) => string): Map<string, Student[]> {
  const index = new Map<string, Student[]>()
  for (const student of students) {
    const { submission, id, group } = student
    for (const name of new Set((submission === '' ? [id, group] : [submission, group]).map(key))) {
      if (name !== '') index.set(name, [...(index.get(name) ?? []), student])
    }
  }
  return index
}

function fold(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

function markOf(
  { terms, report, maxOf, handIns }: Judged,
  student: Student,
  candidates: readonly string[],
  times: ReadonlyMap<string, HandInTime>,
): Mark {
  const max = terms.labs.reduce((sum, lab) => sum + maxOf(lab), 0)
  // The newest counts; of two as old as each other, the one whose name comes later.
  const [submission, ...others] = candidates.toSorted(
    (a, b) => (times.get(b)?.at ?? 0) - (times.get(a)?.at ?? 0) || (a < b ? 1 : -1),
  )
  const none = { labs: terms.labs.map(() => null), handedIn: null, handedInFrom: '', late: 0, penalty: 0 } as const
  if (submission === undefined) {
    return { student, submission: null, ...none, points: 0, score: 0, max, remarks: ['nothing handed in'] }
  }
  const labs = terms.labs.map((lab) => report(submission, lab) ?? null)
  const { at: handedIn, from: handedInFrom } = times.get(submission)!
  const deadline = deadlineOf(student, terms.due)
  const late = handedIn === null || deadline === null ? 0 : Math.max(0, handedIn - deadline)
  const penalty = penaltyOf(late, terms.late ?? undefined)
  const isWhole = labs.every((lab) => lab !== null)
  const points = isWhole ? labs.reduce((sum, lab) => sum + lab.score, 0) : null
  return {
    student,
    submission,
    labs,
    handedIn,
    handedInFrom,
    late,
    penalty,
    points,
    score: points === null ? null : Math.round(points * (1 - penalty) * 100) / 100,
    max,
    remarks: [
      ...handIns.flatMap(({ submission: whose, lab, trouble }) =>
        whose === submission && trouble !== undefined ? [`${lab}: ${trouble}`] : [],
      ),
      ...(others.length === 0 ? [] : [`also handed in, and not counted: ${others.join(', ')}`]),
      ...(isWhole ? [] : ['not judged yet']),
    ],
  }
}

function deadlineOf({ extension }: Student, due: number | null): number | null {
  if (extension === undefined) return due
  if ('until' in extension) return extension.until
  return due === null ? null : due + extension.by
}
