import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Manifest } from '../labs/manifest.ts'
import { projectRoot } from '../project.ts'

/** What students get of the project: what runs the decks, the labs and the checks. */
const rooms = ['engine', 'cli', 'slides', 'tests/contracts', 'tests/labs']
const topFiles = [
  '.editorconfig',
  '.gitattributes',
  '.npmrc',
  '.prettierrc.json',
  'LICENSE',
  'labs/LICENSE',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
  'tests/course/wrong-answers/wrong-answer.ts',
]
/** What tools have made, and tests of what students do not get. */
const left = /^(?:node_modules|dist|coverage|.*\.test\.ts|.*\.log|.*\.tsbuildinfo)$/
/** Of the labs' own tests one file is what students run. */
const kept = 'tests/labs/labs.test.ts'

/** The paths of all files that are copied as they are, from the project on, with / between folders. Sorted. */
export function copiedFiles(manifests: readonly Manifest[]): string[] {
  const names = rooms.flatMap((room) => filesIn(room))
  const labs = manifests.flatMap(({ id, files }) => [
    `labs/${id}/README.md`,
    `labs/${id}/manifest.json`,
    ...files.map((file) => `labs/${id}/.starter/${file}`),
  ])
  return [...new Set([...names, kept, ...topFiles, ...labs])].sort()
}

function filesIn(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || left.test(entry.name)) return []
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return filesIn(path)
    return entry.isFile() ? [path] : []
  })
}

/** Whether a path is a folder, or in it. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^(?:[a-z]:|[\\/])/i.test(way))
}

/** package.json with the commands of a student; what must agree with the lock file stays. */
export function studentPackage(text: string): string {
  const { devDependencies, ...all } = JSON.parse(text) as { readonly devDependencies: object }
  const scripts = { start: 'peerlab start', test: 'peerlab grade', 'test:labs': 'node tests/labs/run.js' }
  return `${JSON.stringify({ ...all, scripts, devDependencies }, null, 2)}\n`
}

/** In the place of the known mistakes, so that what imports them still loads. */
export const noWrongAnswers = `import type { WrongAnswer } from './wrong-answer.ts'

/** The known mistakes of each lab. Students have none. */
export const wrongAnswers: { readonly [lab: string]: readonly WrongAnswer[] } = {}
`

export const studentIgnore = `node_modules/
dist/
.slidev/
.peerlab/
*.log
.DS_Store
`

export const studentWorkflow = `# Says at each push how far the labs are. Red until all tasks of all graded labs are solved.
name: Labs

on:
  push:
  workflow_dispatch:

permissions:
  contents: read

jobs:
  labs:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      # Only for its npm: the Node that runs the course is a package in the lock file.
      - uses: actions/setup-node@v6
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npx peerlab grade
`

/** A file that a student can read, and how much of a solution it has. */
export interface Readable {
  readonly lab: string
  readonly path: string
  /** Of the solution's own fingerprints, 0 to 1. */
  readonly share: number
}

export function studentReadme(manifests: readonly Manifest[], readable: readonly Readable[]): string {
  return `# Peerlab: learn peer-to-peer networking by running it

You need git and any Node with npm; the right Node comes with the packages. Once:

\`\`\`sh
npm ci
npx peerlab doctor
\`\`\`

| | |
|---|---|
| \`npx peerlab start\` | the decks, in the browser |
| \`npx peerlab lab list\` | the labs, and how far you are |
| \`npx peerlab lab watch ${manifests[0]?.id ?? ''}\` | checks your file each time you save it |
| \`npx peerlab lab hint ${manifests[0]?.id ?? ''}\` | one hint more |
| \`npx peerlab run gossip --lab 03-gossip --seed 1\` | a run with your own code |
| \`npx peerlab grade\` | your points in the public networks |

## Labs

| lab | | you edit |
|---|---|---|
${manifests.map(labRow).join('\n')}

Only your files in \`labs/\` are graded. They are judged by your instructor's own copy of all else, in networks that you do
not know, so changing the checks changes nothing but your own view.

## What is not here

The solutions, the known mistakes and the history. The engine is here as a whole, because the decks run on it, and it has
protocols of its own:

${readableLines(readable)}

They are there to be read and understood; the course shows them. Handing in what you have copied is seen: your instructor
gets told how much of each hand-in is like the solution, like the engine's protocols, and like other hand-ins.
`
}

function labRow({ id, title, files }: Manifest): string {
  const paths = files.map((file) => `\`labs/${id}/${file}\``)
  return `| [${id}](labs/${id}/README.md) | ${title} | ${paths.join(', ')} |`
}

function readableLines(readable: readonly Readable[]): string {
  if (readable.length === 0) return 'None of its files resembles a solution.'
  const rows = readable.map(({ lab, path, share }) => `| ${lab} | \`${path}\` | ${Math.round(share * 100)} % |`)
  return ['| lab | file | of the solution |', '|---|---|---|', ...rows].join('\n')
}
