import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CouldNotRun } from '../failure.ts'
import { projectRoot, workspaceRoot } from '../project.ts'

/** What a lab asks for, as its manifest.json says. */
export interface Manifest {
  /** The folder's name: NN-topic. */
  readonly id: string
  readonly title: string
  readonly module: string
  /** How long the core takes, about. */
  readonly minutes: number
  readonly graded: boolean
  /** The scenario in which the lab's code runs. */
  readonly scenario: string
  /** The names that the student's files export. */
  readonly exports: readonly string[]
  /** The files that the student owns. The first exports the names. */
  readonly files: readonly string[]
  readonly tasks: readonly ManifestTask[]
}

export interface ManifestTask {
  readonly id: string
  readonly title: string
  readonly points: number
  readonly tier: 'core' | 'stretch'
  /** From a nudge to almost the solution. */
  readonly hints: readonly string[]
}

export class UnknownLab extends RangeError {
  override readonly name = 'UnknownLab'
  readonly lab: string
  readonly known: readonly string[]

  constructor(lab: string, known: readonly string[]) {
    super(`there is no lab "${lab}"; there is ${known.join(', ')}`)
    this.lab = lab
    this.known = known
  }
}

/** Where the labs' starter files are, which the students edit. */
export const labsFolder = join(workspaceRoot, 'labs')

export const solutionsFolder = join(projectRoot, 'solutions')

/** All labs, in the order of the course. */
export function readManifests(): Manifest[] {
  if (!existsSync(labsFolder)) throw new CouldNotRun(`The labs are not there: ${labsFolder}`, bringBack('labs'))
  return readdirSync(labsFolder)
    .filter((name) => existsSync(join(labsFolder, name, 'manifest.json')))
    .sort()
    .map(readManifest)
}

function readManifest(lab: string): Manifest {
  const path = join(labsFolder, lab, 'manifest.json')
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CouldNotRun(`${path} cannot be read: ${why}`, bringBack(`labs/${lab}/manifest.json`), error)
  }
}

function bringBack(path: string): string {
  return `Bring it back with: git checkout ${path}`
}

/** The lab with this id, or the only one whose id contains the text: `gossip` is 03-gossip. */
export function findManifest(text: string): Manifest {
  const manifests = readManifests()
  const exact = manifests.find(({ id }) => id === text)
  if (exact !== undefined) return exact
  const [only, ...others] = manifests.filter(({ id }) => text !== '' && id.includes(text))
  if (only !== undefined && others.length === 0) return only
  throw new UnknownLab(
    text,
    manifests.map(({ id }) => id),
  )
}

export function maxPoints({ tasks }: Manifest): number {
  return tasks.reduce((sum, { points }) => sum + points, 0)
}
