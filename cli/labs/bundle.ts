import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { build, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { projectRoot } from '../project.ts'

/** A lab's files as one module, with a source map inside. */
export interface Bundle {
  readonly code: string
}

/** The files cannot be run as they are. The message names file, line and the way out. */
export class LabProblem extends Error {
  override readonly name = 'LabProblem'
}

/** The one module that a lab file may import beside its own files. */
const allowed = '@peerlab/engine/lab'

/**
 * Makes one module of the lab file in `folder`. Refuses imports of anything but {@link allowed} and files in the folder;
 * so a lab cannot hand in the engine's own protocol.
 */
export async function bundleLab(folder: string, file: string): Promise<Bundle> {
  const entry = join(folder, file)
  if (!existsSync(entry)) throw new LabProblem(`${entry} is not there; the lab's file must have this name`)
  try {
    const result = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2024',
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      absWorkingDir: realpathSync(folder),
      outdir: realpathSync(folder),
      plugins: [allowList(realpathSync(folder))],
    })
    return { code: result.outputFiles[0]!.text }
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    if (errors === undefined) throw error
    throw new LabProblem(errors.slice(0, 3).map(inWords).join('\n'))
  }
}

function allowList(folder: string): Plugin {
  return {
    name: 'lab-allow-list',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'engine') return undefined
        // What the allowed module itself imports is the engine's business.
        if (!isInside(folder, importer)) return undefined
        if (path === allowed) return { path: join(projectRoot, 'engine', 'lab.ts') }
        const target = resolve(resolveDir, path)
        const isOwn = path.startsWith('.') && existsSync(target) && isInside(folder, realpathSync(target))
        if (isOwn && kind !== 'dynamic-import') return undefined
        return {
          errors: [{ text: `imports "${path}"; a lab may import only "${allowed}" and files of its own folder` }],
        }
      })
    },
  }
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, existsSync(file) ? realpathSync(file) : file)
  return path !== '' && !isAbsolute(path) && path !== '..' && !path.startsWith(`..${sep}`)
}

function inWords({ text, location }: Message): string {
  if (location === null) return text
  const line = location.lineText.trim()
  return `${location.file}:${location.line}:${location.column + 1}: ${text}${line === '' ? '' : `\n    ${line}`}`
}
