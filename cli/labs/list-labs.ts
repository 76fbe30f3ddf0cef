import type { Context } from '../context.ts'
import { readManifests } from './manifest.ts'
import { isComplete, nextLab, progressInWords } from './next-step.ts'
import { ProgressFile } from './progress.ts'
import { mark } from './show-task.ts'

/** `peerlab lab list`: all labs, and how far each is. */
export function listLabs({ out, plain }: Context): void {
  const progress = new ProgressFile()
  const manifests = readManifests()
  const width = Math.max(...manifests.map(({ id }) => id.length))
  for (const manifest of manifests) {
    const done = progress.of(manifest.id)
    const sign = mark({ status: isComplete(manifest, done) ? 'passed' : 'missing' }, out, plain).replace(
      'missing:',
      'open:',
    )
    out.line(`${sign} ${out.bold(manifest.id.padEnd(width))}  ${manifest.title} (about ${manifest.minutes} minutes)`)
    out.line(`  ${' '.repeat(width)}  ${out.dim(progressInWords(manifest, done))}`)
  }
  out.line()
  const next = nextLab(manifests, progress)
  out.line(next === undefined ? 'Every lab is done.' : `Next: npx peerlab lab watch ${next.id}`)
}
