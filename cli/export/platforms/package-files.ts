import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../../labs/manifest.ts'
import { labsFolder } from '../../labs/manifest.ts'
import { projectRoot } from '../../project.ts'
import { graderPackage } from './grader-lock.ts'

/** A file of a package. Paths have slashes on every system. */
export interface PackageFile {
  readonly data: Uint8Array
  readonly isExecutable: boolean
}

export type PackageFiles = Map<string, PackageFile>

/** A text as a file; scripts are executable. */
export function textFile(text: string, isExecutable = false): PackageFile {
  return { data: new TextEncoder().encode(text), isExecutable }
}

/** What else is in these folders belongs to one machine, or to those who write Peerlab. */
const leftOut = /^(?:\.|node_modules$|dist$|coverage$)|\.test\.ts$|\.tsbuildinfo$|\.log$/

/**
 * What grades one lab, below `folder`: the command, the engine and the contracts, with the lock of just their packages.
 * No slides, no solutions, no wrong answers, and of the labs only what this one asks for: what students write comes from
 * the platform.
 */
export function graderFiles({ id }: Manifest, folder: string): PackageFiles {
  const files: PackageFiles = new Map()
  for (const room of ['cli', 'engine', 'tests/contracts'])
    addFolder(files, join(projectRoot, room), `${folder}/${room}`)
  for (const file of ['LICENSE', 'tsconfig.json']) files.set(`${folder}/${file}`, read(join(projectRoot, file)))
  files.set(`${folder}/labs/${id}/manifest.json`, read(join(labsFolder, id, 'manifest.json')))
  for (const [file, content] of Object.entries(graderPackage())) {
    files.set(`${folder}/${file}`, textFile(`${JSON.stringify(content, null, 2)}\n`))
  }
  return files
}

/** What students get: the task, and the files as they are before any work. */
export function starterFiles({ id, files: names }: Manifest, folder: string): PackageFiles {
  return new Map([
    [`${folder}/README.md`, read(join(labsFolder, id, 'README.md'))],
    ...names.map((name) => [`${folder}/${name}`, read(join(labsFolder, id, '.starter', name))] as const),
  ])
}

function addFolder(files: PackageFiles, from: string, to: string): void {
  const entries = readdirSync(from, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries.filter(({ name }) => !leftOut.test(name))) {
    if (entry.isDirectory()) addFolder(files, join(from, entry.name), `${to}/${entry.name}`)
    else if (entry.isFile()) files.set(`${to}/${entry.name}`, read(join(from, entry.name)))
  }
}

function read(path: string): PackageFile {
  return { data: readFileSync(path), isExecutable: false }
}
