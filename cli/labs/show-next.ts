import type { Context } from '../context.ts'
import { readManifests } from './manifest.ts'
import { fileToEdit, nextLab, nextTask, progressInWords } from './next-step.ts'
import { ProgressFile } from './progress.ts'

/** `peerlab lab next`: the lab to do now, the file to open, the task that is next. */
export function showNext({ out }: Context): void {
  const progress = new ProgressFile()
  const manifest = nextLab(readManifests(), progress)
  if (manifest === undefined) {
    out.line(
      'Every lab is done. Your code runs in its scenario with: npx peerlab run gossip --seed 1 --lab 03-gossip --set style=gossip',
    )
    return
  }
  const done = progress.of(manifest.id)
  out.line(`${out.bold(manifest.id)}  ${manifest.title}`)
  out.line(`  so far    ${progressInWords(manifest, done)}`)
  out.line(`  next task ${nextTask(manifest, done)?.title ?? ''}`)
  out.line(`  read      labs/${manifest.id}/README.md`)
  out.line(`  edit      ${fileToEdit(manifest)}`)
  out.line(`  check     npx peerlab lab watch ${manifest.id}`)
}
