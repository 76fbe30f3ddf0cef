import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { WrongUse } from '../failure.ts'
import { readKey } from '../grading/key.ts'
import { readManifests, type Manifest } from '../labs/manifest.ts'
import { projectRoot } from '../project.ts'
import { readLabs } from './read-grading.ts'
import { hashesOf, ownHashes, shareOf } from './similarity.ts'
import {
  copiedFiles,
  isWithin,
  noWrongAnswers,
  studentIgnore,
  studentPackage,
  studentReadme,
  studentWorkflow,
  type Readable,
} from './student-files.ts'
import { knownTexts } from './write-outputs.ts'

export interface NewClassRequest {
  readonly folder: string
  readonly key?: string
  readonly labs?: string
}

/** Files that have more of a solution than this are named, 0 to 1. Code of the same kind has some of it by chance. */
const namedShare = 0.1

/** `peerlab class new`: makes the repository for students, whole or not at all. */
export function newClass(context: Context, { folder, key, labs }: NewClassRequest): void {
  if (key === undefined) {
    throw new WrongUse(
      'A class needs a key, which students never see.',
      'For example: --key ~/peerlab.key. It is made if it is not there.',
    )
  }
  const target = realPath(resolve(folder))
  checkTarget(target)
  const keyFile = realPath(resolve(key))
  if (isWithin(target, keyFile)) {
    throw new WrongUse(`The key ${keyFile} would be in the students' repository.`, 'Keep it elsewhere.')
  }
  const manifests = labs === undefined ? readManifests() : readLabs(labs)
  const isNew = makeKey(keyFile)
  const { id } = readKey(keyFile)
  const beside = `${target}.${process.pid}.part`
  try {
    const readable = writeFiles(beside, manifests, keyFile)
    const commit = makeHistory(beside)
    if (existsSync(target)) rmdirSync(target)
    renameSync(beside, target)
    report(context, { target, keyFile, id, isNew, readable, commit })
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

/** With links on the way there resolved, as far as there is something. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(realPath(parent), basename(path))
}

function checkTarget(target: string): void {
  if (isWithin(realpathSync(projectRoot), target)) {
    throw new WrongUse(`${target} is in the folder of Peerlab itself.`, 'Name a folder outside of it.')
  }
  const found = lstatSync(target, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isDirectory()) throw new WrongUse(`${target} is a file.`, 'Name a folder that is not there yet.')
  if (readdirSync(target).length > 0) {
    throw new WrongUse(`${target} is not empty, and nothing is overwritten.`, 'Name a folder that is not there yet.')
  }
}

/** True if there was none. An existing key is left as it is: another one would change all marks. */
function makeKey(file: string): boolean {
  mkdirSync(dirname(file), { recursive: true })
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function writeFiles(folder: string, manifests: readonly Manifest[], keyFile: string): Readable[] {
  const put = (path: string, content: Uint8Array | string): void => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  const copied = copiedFiles(manifests).filter((path) => existsSync(join(projectRoot, path)))
  for (const path of copied) {
    const file = join(projectRoot, path)
    if (realpathSync(file) !== keyFile) put(path, readFileSync(file))
  }
  // What somebody has written into the lab's file here is not for students: they begin with the starter.
  for (const { id, files } of manifests) {
    for (const file of files) put(`labs/${id}/${file}`, readFileSync(join(projectRoot, 'labs', id, '.starter', file)))
  }
  const readable = readableFiles(manifests, copied)
  put('package.json', studentPackage(readFileSync(join(projectRoot, 'package.json'), 'utf8')))
  put('tests/course/wrong-answers/registry.ts', noWrongAnswers)
  put('.gitignore', studentIgnore)
  put('.github/workflows/labs.yml', studentWorkflow)
  put('README.md', studentReadme(manifests, readable))
  return readable
}

/** What a student can read that has a part of a lab's solution: measured, not remembered. By lab, the most first. */
function readableFiles(manifests: readonly Manifest[], paths: readonly string[]): Readable[] {
  const texts = paths.filter((path) => /\.(?:ts|vue|md)$/.test(path))
  const known = texts.map((path) => ({ path, hashes: hashesOf([readFileSync(join(projectRoot, path), 'utf8')]) }))
  return manifests.flatMap((manifest) => {
    const { starter, solution } = knownTexts(manifest)
    const files = solution.map((text, i) => ({ path: String(i), text }))
    const own = ownHashes({ name: manifest.id, files }, starter)
    return known
      .map(({ path, hashes }): Readable => ({ lab: manifest.id, path, share: shareOf(own, hashes) ?? 0 }))
      .filter(({ share }) => share > namedShare)
      .sort((a, b) => b.share - a.share)
  })
}

/** One commit, the same for the same files: author and date say nothing. Undefined where there is no git. */
function makeHistory(folder: string): string | undefined {
  const nobody = { NAME: 'Peerlab', EMAIL: 'peerlab@localhost', DATE: '2000-01-01T00:00:00Z' }
  const people = ['AUTHOR', 'COMMITTER'].flatMap((role) =>
    Object.entries(nobody).map(([name, value]) => [`GIT_${role}_${name}`, value] as const),
  )
  // Nothing of whoever calls: no settings, no templates, no other repository that the variables may name.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const env = {
    ...Object.fromEntries([...inherited, ...people]),
    GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  }
  const git = (...args: readonly string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' })
    return status === 0 ? stdout : undefined
  }
  const steps = [
    ['init', '--quiet', '--template=', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'Peerlab: the course and its labs'],
  ]
  if (steps.every((step) => git(...step) !== undefined)) return git('rev-parse', 'HEAD')?.trim()
  rmSync(join(folder, '.git'), { recursive: true, force: true })
  return undefined
}

function report(
  { out }: Context,
  made: {
    readonly target: string
    readonly keyFile: string
    readonly id: string
    readonly isNew: boolean
    readonly readable: readonly Readable[]
    readonly commit: string | undefined
  },
): void {
  const { target, keyFile, id, isNew, readable, commit } = made
  out.line(
    `The repository for students is ${target}${commit === undefined ? ', without git, which was not found' : `, commit ${commit.slice(0, 10)}`}.`,
  )
  out.line(`The key ${id} is ${keyFile}${isNew ? ', made just now: keep a copy of it' : ', and was left as it was'}.`)
  if (readable.length > 0) {
    out.line('Students can read these files, which have a part of a solution:')
    for (const { lab, path, share } of readable) out.line(`  ${path}: ${Math.round(share * 100)} % of ${lab}`)
  }
  out.line('Next: push it to where your students get it. When they have handed in: npx peerlab class grade --help')
}
