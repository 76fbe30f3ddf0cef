import { LocalSubject, sha256, substituteWith, type SubstituteProtocol } from '@peerlab/engine'

/** What is used here of a lab's manifest. */
interface Manifest {
  readonly exports: readonly string[]
  /** The first exports the names. */
  readonly files: readonly string[]
}

// Where `@peerlab/labs` is, lab-files-plugin.ts says. Loaded when a run asks for one, so that a broken file breaks only
// its own slide.
const modules = import.meta.glob<Record<string, unknown>>('@peerlab/labs/*/*.ts')
const sources = import.meta.glob<string>('@peerlab/labs/*/*.ts', { query: '?raw', import: 'default' })
const manifests = import.meta.glob<Manifest>('@peerlab/labs/*/manifest.json', { import: 'default' })

/** A student's file, ready to run, and the beginning of the SHA-256 of its text. */
export interface LoadedLab {
  readonly substitute: SubstituteProtocol
  readonly code: string
}

/** Loads a lab's file as it is now. Throws with words for whoever wrote it. */
export async function loadLab(lab: string): Promise<LoadedLab> {
  const manifest = await find(manifests, `/labs/${lab}/manifest.json`)?.()
  if (manifest === undefined) throw new Error(`there is no lab ${lab} here`)
  const name = `labs/${lab}/${manifest.files[0]}`
  const [load, read] = [find(modules, `/${name}`), find(sources, `/${name}`)]
  if (load === undefined || read === undefined)
    throw new Error(`${name} is not there: the lab's file must have this name`)
  const source = await read()
  refuseForeignImports(name, source)
  const exports = await load().catch((error: unknown) => {
    throw new Error(reasonOf(name, error))
  })
  const code = Array.from(sha256(new TextEncoder().encode(source)).subarray(0, 6), (byte) =>
    byte.toString(16).padStart(2, '0'),
  )
  return { substitute: substituteWith(new LocalSubject(exports), { class: manifest.exports[0]! }), code: code.join('') }
}

function find<T>(files: Record<string, () => Promise<T>>, end: string): (() => Promise<T>) | undefined {
  return files[Object.keys(files).find((path) => path.endsWith(end)) ?? '']
}

/** The same rule as the grader's, so that nothing works on the slide that fails there. */
function refuseForeignImports(name: string, source: string): void {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
  for (const [, path = ''] of code.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
    if (path === '@peerlab/engine/lab' || path.startsWith('./')) continue
    throw new Error(
      `${name} imports "${path}"; a lab may import only "@peerlab/engine/lab" and files of its own folder`,
    )
  }
}

function reasonOf(name: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  // What the browser says of a file that does not compile names an address, and no reason.
  if (!/dynamically imported module|importing a module/i.test(message))
    return `${name} throws when it is loaded: ${message}`
  return `${name} does not compile`
}
