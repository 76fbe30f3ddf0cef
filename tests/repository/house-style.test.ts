/** The house style, as far as a linter cannot say it: it looks at all files that are or may be committed. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..', '..')

interface TextFile {
  readonly name: string
  readonly text: string
}

/** Without what is deleted and not yet committed, without linked folders, and without binary files. */
function listFiles(): TextFile[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  return listed
    .split('\0')
    .filter((name) => name !== '' && statSync(path.join(root, name), { throwIfNoEntry: false })?.isFile())
    .map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'))
}

// A copy without history (a downloaded archive) does not tell its files from a student's own.
const files = existsSync(path.join(root, '.git')) ? listFiles() : []

const code = /\.[jt]s$/
const doc = /^\/\*\*\n \* [A-Z][^]*?\n \*\//

/** `file:line` of each line with a match. */
function places(pattern: RegExp, isChecked: (name: string) => boolean = () => true): string[] {
  return files
    .filter(({ name }) => isChecked(name))
    .flatMap(({ name, text }) =>
      text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${name}:${i + 1}`] : [])),
    )
}

function named(isRight: (name: string) => boolean): string[] {
  return files.map(({ name }) => name).filter((name) => !isRight(name))
}

describe.skipIf(files.length === 0)('house style', () => {
  it('no line ends with blanks', () => {
    expect(places(/[ \t\r]$/)).toEqual([])
  })

  it('code is indented with spaces', () => {
    expect(places(/\t/, (name) => code.test(name))).toEqual([])
  })

  // Prettier folds code at 120 columns; what it cannot fold is a long text, and that has a bound as well.
  it('a line of code has at most 160 columns', () => {
    expect(places(/^.{161,}$/u, (name) => code.test(name))).toEqual([])
  })

  it('a file ends with one line break', () => {
    expect(files.filter(({ text }) => text !== '' && !/[^\n]\n$/.test(text)).map(({ name }) => name)).toEqual([])
  })

  it('only the starters of labs are marked as unfinished', () => {
    const words = ['TO' + 'DO', 'FIX' + 'ME']
    expect(places(new RegExp(`\\b(?:${words.join('|')})\\b`), (name) => !name.startsWith('labs/'))).toEqual([])
  })

  it('no path of one machine is written down', () => {
    const folders = ['work', 'home', 'root', 'Users']
    expect(places(new RegExp(`(?<![\\w.~-])/(?:${folders.join('|')})/`))).toEqual([])
  })

  it('no package registry is written down: each machine has its own', () => {
    expect(places(/\/\/[\w.-]*registry[\w-]*\.\w|^\s*"resolved": "http|^registry\s*=/)).toEqual([])
  })

  it('names of code files are kebab-case', () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/
    expect(named((name) => !code.test(name) || kebab.test(path.posix.basename(name)))).toEqual([])
  })

  it('a protocol opens with a paragraph that says what it is', () => {
    const isProtocol = ({ name, text }: TextFile): boolean =>
      name.startsWith('engine/protocols/') && /^export class .* implements Protocol\b/m.test(text)
    const protocols = files.filter(isProtocol)
    expect(protocols.length).toBeGreaterThan(4)
    expect(protocols.filter(({ text }) => (doc.exec(text)?.[0].length ?? 0) < 100).map(({ name }) => name)).toEqual([])
  })

  it('a protocol has at most 200 lines', () => {
    const long = files.filter(({ name, text }) => name.startsWith('engine/protocols/') && text.split('\n').length > 201)
    expect(long.map(({ name }) => name)).toEqual([])
  })

  it('components of the decks import the public API of the engine only', () => {
    const imports = /(?:from|import)\s*\(?\s*['"](?:@peerlab\/engine\/|(?:\.\.\/)+engine\/)/
    expect(places(imports, (name) => name.endsWith('.vue') || name.endsWith('.md'))).toEqual([])
  })
})
