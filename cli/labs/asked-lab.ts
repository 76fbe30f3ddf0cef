import { WrongUse } from '../failure.ts'
import { closestNumbered } from '../suggest.ts'
import { findManifest, readManifests, UnknownLab, type Manifest } from './manifest.ts'
import { nextLab } from './next-step.ts'
import type { ProgressFile } from './progress.ts'

/** The lab that a command was given or, without one, the next that is not complete. */
export function askedLab(text: string | undefined, progress: ProgressFile): Manifest {
  if (text !== undefined) return namedLab(text)
  const manifests = readManifests()
  return nextLab(manifests, progress) ?? manifests.at(-1)!
}

/** The lab with this name. Complains in the command's own words about one that is not there. */
export function namedLab(text: string): Manifest {
  try {
    return findManifest(text)
  } catch (error) {
    if (!(error instanceof UnknownLab)) throw error
    const guess = closestNumbered(text, error.known)
    const hint = guess === undefined ? '' : ` Did you mean "${guess}"?`
    throw new WrongUse(`There is no lab "${text}".${hint}`, `The labs are ${error.known.join(', ')}.`, error)
  }
}
