import type { Context } from '../../context.ts'
import { WrongUse } from '../../failure.ts'
import { formatCount } from '../../format.ts'
import { readKey } from '../../grading/key.ts'
import { namedLab } from '../../labs/asked-lab.ts'
import type { Manifest } from '../../labs/manifest.ts'
import { OutputFile } from '../output-file.ts'
import { classroom50Files } from './classroom50.ts'
import { gradescopeFiles } from './gradescope.ts'
import type { PackageFiles } from './package-files.ts'
import { prairielearnFiles } from './prairielearn.ts'
import { OutputFolder, zipOf } from './write-package.ts'

export interface GraderRequest {
  readonly lab: string
  /** A file for Gradescope, else a folder. */
  readonly out: string | undefined
  /** The file with the instructor's key. */
  readonly key?: string | undefined
  /** The name of the image that PrairieLearn is to use. */
  readonly image?: string | undefined
}

/** `peerlab export gradescope`: a zip. */
export function exportGradescope(context: Context, { lab, out, key }: GraderRequest): void {
  const manifest = gradedLab(lab)
  const asked = { option: '--out', example: 'autograder.zip' }
  const file = new OutputFile(out ?? `gradescope-${manifest.id}.zip`, undefined, asked)
  file.check()
  const files = gradescopeFiles(manifest, keyBytes(key))
  file.write(zipOf(files))
  say(context, file.path, files, ['Upload it at Gradescope: Configure Autograder > Zip file upload.'])
}

/** `peerlab export classroom50`: the autograder and the beginning of a template. */
export function exportClassroom50(context: Context, { lab, out, key }: GraderRequest): void {
  if (key !== undefined) {
    throw new WrongUse(
      'A key would not stay secret: students can read whatever Classroom 50 grades with.',
      'Leave --key out, and grade in hidden networks yourself: npx peerlab grade --key FILE',
    )
  }
  const manifest = gradedLab(lab)
  const { id } = manifest
  const folder = new OutputFolder(out ?? `classroom50-${id}`)
  folder.check()
  const files = classroom50Files(manifest)
  folder.write(files)
  say(context, folder.path, files, [
    `autograders/${id} goes into your classroom's folder of the classroom50 repository, as autograders/<assignment>.`,
    'template is what students begin with; add the assignment with --runtime runtime.json.',
  ])
}

/** `peerlab export prairielearn`: a question, and what its image is made of. */
export function exportPrairielearn(context: Context, { lab, out, key, image }: GraderRequest): void {
  const manifest = gradedLab(lab)
  const folder = new OutputFolder(out ?? `prairielearn-${manifest.id}`)
  folder.check()
  const name = image ?? `peerlab-grader-${manifest.id}:latest`
  if (!/^[\w][\w.\-/:@]*$/.test(name)) {
    throw new WrongUse(`--image is no name of an image: ${name}`, 'For example: --image example/peerlab-gossip:1')
  }
  const files = prairielearnFiles(manifest, keyBytes(key), name)
  folder.write(files)
  say(context, folder.path, files, [
    `Make the image: docker build --tag ${name} "${folder.path}/image"`,
    'Copy question/ into the questions of your course.',
  ])
}

function gradedLab(text: string): Manifest {
  const manifest = namedLab(text)
  if (manifest.graded) return manifest
  throw new WrongUse(`${manifest.id} is not graded.`, 'See which labs are with: npx peerlab lab list')
}

function keyBytes(file: string | undefined): Uint8Array | undefined {
  return file === undefined ? undefined : readKey(file).bytes
}

function say({ out }: Context, path: string, files: PackageFiles, then: readonly string[]): void {
  out.line(`Wrote ${path} (${formatCount(files.size, 'files')})`)
  for (const line of then) out.line(line)
}
