import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Context } from '../context.ts'
import { workspaceRoot } from '../project.ts'
import { namedLab } from './asked-lab.ts'
import { labsFolder } from './manifest.ts'
import { ProgressFile } from './progress.ts'

/** `peerlab lab reset`: the starter files anew, and a copy of what was there. */
export function resetLab({ out }: Context, lab: string): void {
  const { id, files } = namedLab(lab)
  const folder = join(labsFolder, id)
  const backup = freeName(join(workspaceRoot, '.peerlab', 'backups', id))
  for (const file of files.filter((name) => existsSync(join(folder, name))))
    copy(join(folder, file), join(backup, file))
  for (const file of files) copy(join(folder, '.starter', file), join(folder, file))
  new ProgressFile().update(id, (before) => ({ ...before, passed: [] }))
  out.line(`${id} is as it was at the beginning: ${files.join(', ')}.`)
  if (existsSync(backup)) out.line(`What was there is kept in ${relative(process.cwd(), backup)}.`)
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
}

/** The first of path-1, path-2, … that is not taken: an older backup is never written over. */
function freeName(path: string): string {
  for (let count = 1; ; count++) if (!existsSync(`${path}-${count}`)) return `${path}-${count}`
}
