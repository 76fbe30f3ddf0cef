import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { CouldNotRun } from '../failure.ts'
import { namedLab } from './asked-lab.ts'
import { solutionsFolder } from './manifest.ts'
import { isComplete, progressInWords } from './next-step.ts'
import { ProgressFile } from './progress.ts'
import { besideReference } from './watch/finished.ts'

/** `peerlab lab solution`: the reference, with a word to those who have not tried everything yet. */
export function showSolution({ out, err }: Context, lab: string, beside: boolean): void {
  const manifest = namedLab(lab)
  const done = new ProgressFile().of(manifest.id)
  for (const file of manifest.files) {
    const path = join(solutionsFolder, manifest.id, file)
    if (!existsSync(path))
      throw new CouldNotRun(`The solution ${path} is not here.`, 'Your instructor may have left it out.')
    if (!beside) out.write(readFileSync(path, 'utf8'))
  }
  if (beside) out.line(besideReference(manifest, out.columns))
  if (isComplete(manifest, done)) return
  err.line(`You have ${progressInWords(manifest, done)}. A hint says less: npx peerlab lab hint ${manifest.id}`)
}
