import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { maxPoints, labsFolder, solutionsFolder, type Manifest } from '../labs/manifest.ts'
import { projectRoot } from '../project.ts'
import { classPage } from './class-page.ts'
import { fileNameOf } from './file-names.ts'
import { gradebook } from './gradebook.ts'
import { failureGroups, itemStatistics, type Row } from './item-analysis.ts'
import { marksOf, type Marks } from './marks.ts'
import { readLabs } from './read-grading.ts'
import { hashesOf, ownHashes, shareOf, similarPairs, type Program, type SimilarPair } from './similarity.ts'
import type { ClassState } from './state.ts'
import { studentJson, studentReport } from './student-report.ts'
import type { HandIn } from './submissions.ts'
import { writeWhole } from './write-whole.ts'

/** Similar pairs in one lab, and how much each submission has of what anybody can read. */
export interface LabSimilarity {
  readonly lab: string
  readonly pairs: readonly SimilarPair[]
  /** By submission: the share of its own code that the solution or the engine has, 0 to 1. */
  readonly like: ReadonlyMap<string, number>
}

/** Writes all that is made of a state: reports, gradebook, page. The same state gives the same files. */
export function writeOutputs(state: ClassState, out: string): Marks {
  const { terms, handIns } = state
  if (terms === undefined) throw new Error(`the class in ${out} has no terms; grade it before it is written`)
  const manifests = readLabs(terms.labs.join(','))
  const reports = new Map(
    handIns.map(({ submission, lab }) => [JSON.stringify([submission, lab]), state.result(submission, lab)?.report]),
  )
  const report = (submission: string, lab: string) => reports.get(JSON.stringify([submission, lab]))
  const maxOf = (lab: string): number => maxPoints(manifests.find(({ id }) => id === lab)!)
  const marks = marksOf({ terms, handIns, report, maxOf })
  const rows = marks.counted.flatMap((submission): Row[] => {
    const own = terms.labs.flatMap((lab) => report(submission, lab) ?? [])
    return own.length === terms.labs.length ? [{ submission, reports: own }] : []
  })
  const similarities = manifests.map((manifest) =>
    similarityOf(
      manifest,
      handIns.filter(({ lab, submission }) => lab === manifest.id && marks.counted.includes(submission)),
    ),
  )
  const files = new Map<string, string>()
  for (const mark of marks.all) {
    const name = fileNameOf(mark.student.id)
    files.set(
      `reports/${name}.md`,
      studentReport(
        mark,
        mark.labs.flatMap((lab) => lab?.isolation ?? []),
      ),
    )
    files.set(`reports/${name}.json`, studentJson(mark))
  }
  files.set('gradebook.csv', gradebook(marks.all, manifests))
  const page = { marks, rows, items: itemStatistics(rows), failures: failureGroups(rows), similarities, terms }
  files.set('index.html', classPage(page))
  for (const [path, text] of files) writeWhole(join(out, path), text)
  for (const path of state.written) if (!files.has(path)) rmSync(join(out, path), { force: true })
  state.written = [...files.keys()]
  return marks
}

function similarityOf(manifest: Manifest, handIns: readonly HandIn[]): LabSimilarity {
  const programs = handIns.map(({ submission, files }): Program => ({ name: submission, files }))
  const { starter, solution, engine } = knownTexts(manifest)
  const published = [...solution, ...engine]
  const there = hashesOf(published)
  const like = programs.flatMap((program) => {
    const share = shareOf(ownHashes(program, starter), there)
    return share === null ? [] : [[program.name, share] as const]
  })
  return {
    lab: manifest.id,
    pairs: similarPairs(programs, { common: [...starter, ...published] }),
    like: new Map(like),
  }
}

/** What students start from, and what they can read. */
export function knownTexts({ id }: Manifest): Record<'starter' | 'solution' | 'engine', string[]> {
  return {
    starter: codeIn(join(labsFolder, id, '.starter')),
    solution: codeIn(join(solutionsFolder, id)),
    engine: codeIn(join(projectRoot, 'engine', 'protocols')),
  }
}

function codeIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}
