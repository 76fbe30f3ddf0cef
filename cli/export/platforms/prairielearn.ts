import { createHash } from 'node:crypto'
import type { Manifest } from '../../labs/manifest.ts'
import { graderFiles, starterFiles, textFile, type PackageFiles } from './package-files.ts'

/**
 * PrairieLearn: `question` is a folder for the course's questions, `image` makes the image that grades. There is no
 * network while grading, so the image has all packages in it; it has no key, which only the question's `tests` has.
 */
export function prairielearnFiles(lab: Manifest, key: Uint8Array | undefined, image: string): PackageFiles {
  const files = graderFiles(lab, 'image/peerlab')
  files.set('image/Dockerfile', textFile(dockerfile(image)))
  files.set('image/grade.sh', textFile(gradeScript, true))
  for (const [path, file] of starterFiles(lab, 'question/initial')) {
    files.set(path === 'question/initial/README.md' ? 'question/clientFilesQuestion/task.md' : path, file)
  }
  files.set('question/info.json', textFile(`${JSON.stringify(info(lab, key !== undefined, image), null, 2)}\n`))
  files.set('question/question.html', textFile(question(lab)))
  if (key !== undefined) files.set('question/tests/key', { data: key, isExecutable: false })
  return files
}

/** In seconds: judging a lab ends after five minutes, and the grader has to start. The platform allows 600. */
const timeout = 330

function info({ id, title }: Manifest, hasKey: boolean, image: string): object {
  return {
    uuid: uuidOf(`peerlab question ${id}`),
    title,
    topic: 'Peer-to-peer networking',
    tags: ['peerlab'],
    type: 'v3',
    gradingMethod: 'External',
    singleVariant: true,
    externalGradingOptions: {
      enabled: true,
      image,
      entrypoint: ['/opt/peerlab/grade.sh', id, ...(hasKey ? ['--key', '/grade/tests/key'] : [])],
      timeout,
      enableNetworking: false,
    },
  }
}

function question({ title, files, tasks }: Manifest): string {
  const items = tasks.map(({ title: task, points }) => `    <li>${escaped(task)} (${points} points)</li>`)
  const editors = files.map(
    (file) =>
      `<pl-file-editor file-name="${file}" ace-mode="ace/mode/typescript" source-file-name="${file}" directory="initial"></pl-file-editor>`,
  )
  return `<pl-question-panel>
  <p>${escaped(title)}</p>
  <ol>
${items.join('\n')}
  </ol>
  <p>The whole task: <pl-file-download file-name="task.md"></pl-file-download></p>
</pl-question-panel>

${editors.join('\n')}

<pl-submission-panel>
  <pl-external-grader-results></pl-external-grader-results>
  <pl-file-preview></pl-file-preview>
</pl-submission-panel>
`
}

function dockerfile(image: string): string {
  return `# docker build --tag ${image} . && docker push ${image}
FROM node:26-bookworm-slim
WORKDIR /opt/peerlab
COPY peerlab/ ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY grade.sh ./
RUN chmod 755 grade.sh
`
}

const gradeScript = `#!/bin/sh
# grade.sh <lab> [more options of "peerlab grade"]. The two variables are there for trying it elsewhere.
set -eu
export GRADE_ROOT="\${GRADE_ROOT:-/grade}"
lab=$1
shift
exec node "\${PEERLAB_ROOT:-/opt/peerlab}/cli/bin/peerlab.js" grade "$lab" \\
  --submission "$GRADE_ROOT/student" --format prairielearn "$@"
`

/** The same for the same question, so that exporting it again changes no marks; shaped as version 4, as the platform asks. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** For HTML, and for Mustache, through which the platform puts a question. */
function escaped(text: string): string {
  const entities = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return entities.replaceAll('{', '&#123;').replaceAll('}', '&#125;')
}
