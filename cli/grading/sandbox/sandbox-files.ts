import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'

/** The scripts of a sandbox, each as one file that needs nothing beside it. */
export interface SandboxFiles {
  /** ESM: what runs in the process. */
  readonly process: string
  /** A script: what runs in each realm. Its last value is the function that answers. */
  readonly realm: string
}

let files: Promise<SandboxFiles> | undefined

/** Bundles them, once in the life of this process. */
export function sandboxFiles(): Promise<SandboxFiles> {
  return (files ??= bundle())
}

async function bundle(): Promise<SandboxFiles> {
  const [process, realm] = await Promise.all([
    bundleOne('process.ts', { format: 'esm', platform: 'node' }),
    bundleOne('realm.ts', {
      format: 'iife',
      platform: 'neutral',
      globalName: 'realm',
      footer: { js: 'realm.handle' },
      define: { window: 'globalThis' }, // where a library looks for a place for its names
    }),
  ])
  return { process, realm }
}

async function bundleOne(name: string, options: Parameters<typeof build>[0]): Promise<string> {
  const entryPoint = fileURLToPath(new URL(name, import.meta.url))
  const { outputFiles = [] } = await build({
    ...options,
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    target: 'es2024',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}
