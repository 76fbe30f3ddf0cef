/** How far the student is in each lab, as the overview shows it: what `peerlab lab` keeps, counted by the manifests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabProgress, ProgressNews } from './news.ts'

/** A lab's manifest, as far as it is used here. */
interface Manifest {
  readonly graded: boolean
  readonly tasks: readonly { readonly id: string; readonly points: number }[]
}

/** Where `peerlab lab` keeps what has passed. */
export function progressFileIn(workspace: string): string {
  return join(workspace, '.peerlab', 'progress.json')
}

/**
 * Reads progress and manifests of a workspace. Never throws: a slide is no place for a broken file. Without a progress
 * file nothing has passed yet; one that cannot be read is said to be so; a broken manifest is left out.
 */
export function readLabProgress(workspace: string): ProgressNews {
  const passed = passedTasksIn(progressFileIn(workspace))
  if (passed === undefined) return { isReadable: false, labs: {} }
  const labs = manifestsIn(join(workspace, 'labs')).map(([id, manifest]) => [id, count(manifest, passed(id))] as const)
  return { isReadable: true, labs: Object.fromEntries(labs) }
}

function count({ graded, tasks }: Manifest, passed: ReadonlySet<unknown>): LabProgress {
  const done = tasks.filter(({ id }) => passed.has(id))
  const sum = (some: Manifest['tasks']): number => some.reduce((total, { points }) => total + points, 0)
  return { passed: done.length, tasks: tasks.length, ...(graded ? { points: sum(done), maxPoints: sum(tasks) } : {}) }
}

/** Undefined: there is a file, and it is broken. */
function passedTasksIn(file: string): ((lab: string) => ReadonlySet<unknown>) | undefined {
  if (!existsSync(file)) return () => new Set()
  const progress = readJson(file)
  if (!isRecord(progress)) return undefined
  return (lab) => {
    const entry = progress[lab]
    return new Set(isRecord(entry) && Array.isArray(entry['passed']) ? (entry['passed'] as unknown[]) : [])
  }
}

function manifestsIn(folder: string): readonly (readonly [id: string, manifest: Manifest])[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((id) => {
    const manifest = readJson(join(folder, id, 'manifest.json'))
    return isManifest(manifest) ? [[id, manifest] as const] : []
  })
}

/** Undefined where there is no file, or none with JSON in it. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || typeof value['graded'] !== 'boolean' || !Array.isArray(value['tasks'])) return false
  return value['tasks'].every((task) => isRecord(task) && typeof task['id'] === 'string' && isPoints(task['points']))
}

function isPoints(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
