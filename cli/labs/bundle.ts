import { existsSync, realpathSync, statSync } from 'node:fs'
import type { SourceMapPayload } from 'node:module'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { build, type BuildFailure, type BuildOptions, type Message, type Plugin } from 'esbuild'
import { projectRoot } from '../project.ts'

/** A lab's files as one module, with a source map inside. */
export interface Bundle {
  readonly code: string
}

/** A lab's files as one script that puts their exports into the variable `lab`. */
export interface LabScript {
  readonly code: string
  readonly map: SourceMapPayload
}

/** The files cannot be run as they are. The message names file, line and the way out. */
export class LabProblem extends Error {
  override readonly name = 'LabProblem'
}

/** In bytes. */
const maxSize = 1 << 20

/** The one module that a lab file may import beside its own files. */
const allowed = '@peerlab/engine/lab'

/**
 * Makes one module of the lab file in `folder`. Refuses imports of anything but {@link allowed} and files in the folder;
 * so a lab cannot hand in the engine's own protocol.
 */
export async function bundleLab(folder: string, file: string): Promise<Bundle> {
  const [code] = await bundleWith({ format: 'esm', sourcemap: 'inline' }, folder, file)
  return { code: code! }
}

/** The same as a script, for a realm that knows no modules. */
export async function bundleScript(folder: string, file: string): Promise<LabScript> {
  // Without modules there is no import() either: what is left of one fails when it is reached.
  const options = {
    format: 'iife',
    globalName: 'lab',
    sourcemap: 'external',
    supported: { 'dynamic-import': false },
  } as const
  const [map, code] = await bundleWith(options, folder, file)
  return { code: code!, map: JSON.parse(map!) as SourceMapPayload }
}

/** The texts that esbuild makes: the code, or the map and the code. */
async function bundleWith(options: BuildOptions, folder: string, file: string): Promise<readonly string[]> {
  const entry = join(folder, file)
  if (!existsSync(entry)) throw new LabProblem(`${file} is not there; the lab's file must have this name`)
  const own = realpathSync(folder)
  if (!isInside(own, entry)) {
    throw new LabProblem(`${file} is a link to a file outside of its folder; hand in the file itself`)
  }
  checkSize(entry, file)
  try {
    const result = await build({
      ...options,
      entryPoints: [realpathSync(entry)],
      bundle: true,
      write: false,
      target: 'es2024',
      sourcesContent: false,
      logLevel: 'silent',
      absWorkingDir: own,
      outdir: own,
      tsconfigRaw: {}, // a tsconfig.json among the files could name other files
      plugins: [allowList(own)],
    })
    return result.outputFiles!.map(({ text }) => text)
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    if (errors === undefined) throw error
    throw new LabProblem(errors.slice(0, 3).map(inWords).join('\n'))
  }
}

function checkSize(path: string, name: string): void {
  const stats = statSync(path)
  if (!stats.isFile()) throw new LabProblem(`${name} is no file`)
  if (stats.size > maxSize) throw new LabProblem(`${name} has ${stats.size} bytes; a lab's file has at most ${maxSize}`)
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
        const isOwn = path.startsWith('.') && existsSync(target) && isInside(folder, target)
        if (isOwn && kind !== 'dynamic-import' && statSync(target).size <= maxSize)
          return { path: realpathSync(target) }
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
