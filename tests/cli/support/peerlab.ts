import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

export const launcher = fileURLToPath(new URL('../../../cli/bin/peerlab.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface How {
  /** Default: a folder outside of the project, because nothing may depend on it. */
  readonly cwd?: string
  /** Default: the Node that runs the tests. */
  readonly node?: string
  readonly script?: string
  readonly env?: { readonly [name: string]: string }
}

/** Starts the real command in a process of its own. */
export function start(args: readonly string[], how: How = {}): ChildProcess {
  const { cwd = tmpdir(), node = process.execPath, script = launcher, env = {} } = how
  return spawn(node, [script, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs the real command to its end. */
export function peerlab(args: readonly string[], how?: How): Promise<Ended> {
  return ending(start(args, how))
}

export function ending(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.setEncoding('utf8').on('data', (chunk: string) => (said[stream] += chunk))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
  })
}
