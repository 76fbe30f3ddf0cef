import { LocalSubject, sha256, substituteWith, type SubstituteProtocol } from '@peerlab/engine'

// Loaded when a run asks for one, so that a broken file breaks only its own slide.
const modules = import.meta.glob<Record<string, unknown>>('../../../labs/*/*.ts')
const sources = import.meta.glob<string>('../../../labs/*/*.ts', { query: '?raw', import: 'default' })
const manifests = import.meta.glob<{ readonly exports: readonly string[] }>('../../../labs/*/manifest.json', {
  import: 'default',
})

/** A student's file, ready to run, and the beginning of the SHA-256 of its text. */
export interface LoadedLab {
  readonly substitute: SubstituteProtocol
  readonly code: string
}

/** Loads a lab's file as it is now. Throws with words for whoever wrote it. */
export async function loadLab(lab: string): Promise<LoadedLab> {
  const path = Object.keys(modules).find((each) => each.includes(`/labs/${lab}/`))
  const manifestPath = Object.keys(manifests).find((each) => each.includes(`/labs/${lab}/`))
  if (path === undefined || manifestPath === undefined) throw new Error(`there is no lab ${lab} here`)
  const name = path.slice(path.indexOf('labs/'))
  const source = await sources[path]!()
  refuseForeignImports(name, source)
  const exports = await modules[path]!().catch((error: unknown) => {
    throw new Error(reasonOf(name, lab, error))
  })
  const manifest = await manifests[manifestPath]!()
  const code = Array.from(sha256(new TextEncoder().encode(source)).subarray(0, 6), (byte) =>
    byte.toString(16).padStart(2, '0'),
  )
  return { substitute: substituteWith(new LocalSubject(exports), { class: manifest.exports[0]! }), code: code.join('') }
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

function reasonOf(name: string, lab: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  // What the browser says of a file that does not compile names an address, and no reason.
  if (!/dynamically imported module|importing a module/i.test(message))
    return `${name} throws when it is loaded: ${message}`
  return `${name} does not compile. In a terminal, npx peerlab lab watch ${lab} shows the line`
}
