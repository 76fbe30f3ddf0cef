import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Dirent,
  type Stats,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { WrongUse } from '../failure.ts'
import { formatNumber } from '../format.ts'
import type { Manifest } from '../labs/manifest.ts'

/** A file of a hand-in. */
export interface HandInFile {
  /** From the lab's folder on, with / between folders. */
  readonly path: string
  readonly text: string
}

/** What one submission has for one lab, copied: nothing that happens to the folder afterwards changes it. */
export interface HandIn {
  readonly submission: string
  readonly lab: string
  /** Sorted by path. Empty where nothing can be judged. */
  readonly files: readonly HandInFile[]
  /** Why nothing can be judged: a sentence without its full stop. */
  readonly trouble?: string
  /** When the newest of its files was written, as ISO 8601 in UTC. */
  readonly writtenAt?: string
}

/** A lab's solution is some hundred lines: these bounds are far from every honest hand-in. */
export const handInLimits = {
  files: 100,
  /** Files and folders that are looked at. */
  entries: 5000,
  fileBytes: 512 * 1024,
  bytes: 2 * 1024 * 1024,
  depth: 8,
} as const

/** What the code of a lab may be in. All else in a folder (a report, pictures) is not read. */
const codeFile = /\.(?:[cm]?[jt]s|json)$/
const skippedFolders = new Set(['node_modules', '__MACOSX', '.starter'])

/** The names of all submissions: one for each folder, sorted by code units. Links count, and are refused later. */
export function submissionsIn(folder: string): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    throw new WrongUse(`There is no folder ${folder}.`, 'Name the folder that has a folder for each submission.', error)
  }
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
}

/** Reads what a submission has for a lab. Never throws for what lies in the folder: that is the hand-in's trouble. */
export function readHandIn(folder: string, submission: string, manifest: Manifest): HandIn {
  const whose = { submission, lab: manifest.id }
  try {
    const root = join(folder, submission)
    if (!isFolder(root)) return { ...whose, files: [], trouble: 'the submission is a link and no folder' }
    const place = labFolderOf(root, manifest)
    const reading = new Reading()
    reading.folder(place, '', 0)
    const files = reading.files.sort((a, b) => (a.path < b.path ? -1 : 1))
    return { ...whose, files, writtenAt: new Date(reading.newest).toISOString() }
  } catch (error) {
    const trouble = error instanceof HandInProblem ? error.message : `it cannot be read: ${inWords(error, folder)}`
    return { ...whose, files: [], trouble }
  }
}

/** Tells two hand-ins apart by their files: 64 hexadecimal digits. */
export function hashOf({ files, trouble = '' }: HandIn): string {
  const text = JSON.stringify([trouble, files.map(({ path, text }) => [path, text])])
  return createHash('sha256').update(text).digest('hex')
}

class HandInProblem extends Error {}

/**
 * The lab's files may be at the top, in a folder named after the lab, or as in the course's own repository in labs/; and
 * all of this one folder deeper, as archives often have it.
 */
function labFolderOf(root: string, { id, files }: Manifest): string {
  const file = files[0]!
  const roots = [root, ...onlyFolderIn(root)]
  for (const place of roots.flatMap((each) => placesIn(each, id))) {
    const found = look(join(place, file))
    if (found?.isFile() === true) return place
    if (found?.isSymbolicLink() === true) throw new HandInProblem(`${file} is a link; hand in the file itself`)
    if (found !== undefined) throw new HandInProblem(`${file} is no file`)
  }
  throw new HandInProblem(`there is no file ${file}, at the top, in ${id}/ or in labs/${id}/`)
}

/** Each only where no part of the way is a link. */
function placesIn(root: string, id: string): string[] {
  const labs = join(root, 'labs')
  return [root, join(root, id), ...(isFolder(labs) ? [join(labs, id)] : [])].filter(isFolder)
}

function onlyFolderIn(root: string): string[] {
  const inner = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !skippedFolders.has(entry.name),
  )
  return inner.length === 1 ? [join(root, inner[0]!.name)] : []
}

/** Collects the files of one hand-in, and stops at the first bound. */
class Reading {
  readonly files: HandInFile[] = []
  newest = 0
  #entries = 0
  #bytes = 0

  folder(folder: string, path: string, depth: number): void {
    const { entries, depth: deepest } = handInLimits
    if (depth > deepest) throw new HandInProblem(`its folders are more than ${deepest} deep`)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (++this.#entries > entries)
        throw new HandInProblem(`it has more than ${formatNumber(entries)} files and folders`)
      const inner = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && !skippedFolders.has(entry.name)) {
          this.folder(join(folder, entry.name), inner, depth + 1)
        }
      } else if (entry.isFile() && codeFile.test(entry.name)) this.#file(join(folder, entry.name), inner)
      // A link is left out: what imports it is told that it is not there.
    }
  }

  #file(file: string, path: string): void {
    const { files, fileBytes, bytes } = handInLimits
    if (this.files.length >= files) throw new HandInProblem(`it has more than ${files} files with code`)
    const { text, size, time } = readRegular(file, fileBytes, path)
    this.#bytes += size
    if (this.#bytes > bytes) throw new HandInProblem(`its code has more than ${formatNumber(bytes)} bytes`)
    this.newest = Math.max(this.newest, time)
    this.files.push({ path, text })
  }
}

/** Opens what is a file and nothing else, even if it was one a moment ago. */
function readRegular(file: string, most: number, path: string): { text: string; size: number; time: number } {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>
  const handle = openSync(file, O_RDONLY! | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = fstatSync(handle)
    if (!stats.isFile()) throw new HandInProblem(`${path} is no file`)
    if (stats.size > most) {
      throw new HandInProblem(`${path} has ${formatNumber(stats.size)} bytes; at most ${formatNumber(most)} are judged`)
    }
    const buffer = Buffer.alloc(stats.size)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(handle, buffer, length, buffer.length - length, null)
    }
    return { text: buffer.toString('utf8', 0, length), size: length, time: stats.mtimeMs }
  } finally {
    closeSync(handle)
  }
}

function isFolder(path: string): boolean {
  return look(path)?.isDirectory() === true
}

/** What is there, links not followed. */
function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** The system's words, without where the instructor keeps the submissions: students read this. */
function inWords(error: unknown, folder: string): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(join(folder, '/'), '').replaceAll(folder, '')
}
