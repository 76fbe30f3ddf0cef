import { join, relative } from 'node:path'
import { labsFolder, maxPoints, type Manifest, type ManifestTask } from './manifest.ts'
import type { LabProgress, ProgressFile } from './progress.ts'

export function isComplete({ tasks }: Manifest, { passed }: LabProgress): boolean {
  return tasks.every(({ id }) => passed.includes(id))
}

/** The first task that has not passed yet. */
export function nextTask({ tasks }: Manifest, { passed }: LabProgress): ManifestTask | undefined {
  return tasks.find(({ id }) => !passed.includes(id))
}

/** The first lab that is not complete, in the order of the course. */
export function nextLab(manifests: readonly Manifest[], progress: ProgressFile): Manifest | undefined {
  return manifests.find((manifest) => !isComplete(manifest, progress.of(manifest.id)))
}

/** `7 of 10 tasks, 60 of 100 points`. */
export function progressInWords(manifest: Manifest, { passed }: LabProgress): string {
  const done = manifest.tasks.filter(({ id }) => passed.includes(id))
  const tasks = `${done.length} of ${manifest.tasks.length} ${manifest.tasks.length === 1 ? 'task' : 'tasks'}`
  if (!manifest.graded) return `${tasks}, not graded`
  return `${tasks}, ${done.reduce((sum, { points }) => sum + points, 0)} of ${maxPoints(manifest)} points`
}

/** The file to edit, as a person in the project's folder or elsewhere would type it. */
export function fileToEdit({ id, files }: Manifest): string {
  const path = join(labsFolder, id, files[0]!)
  const shorter = relative(process.cwd(), path)
  return shorter.startsWith('..') ? path : shorter
}
