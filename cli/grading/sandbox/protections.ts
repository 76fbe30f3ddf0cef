import { spawnSync } from 'node:child_process'
import type { Isolation } from '../report.ts'

/** Of the code's own heap, in MiB. */
export const heapLimit = 256

/** Of all its data, byte arrays included, in KiB. */
const dataLimit = 768 * 1024

/** Of processor time, in seconds: no submission needs a tenth of it. */
const cpuLimit = 600

/** How the process with the code is started on this system, and what holds it. */
export interface Protections {
  /** What stands before `node` on the command line. */
  readonly before: readonly string[]
  readonly isolation: Isolation
}

const namespaceFlags = [
  '--user',
  '--map-root-user',
  '--net',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--ipc',
]
/** Each on its own: some shells take one at a time. What a system does not know is left out. */
const limits = `for limit in "-c 0" "-f 0" "-t ${cpuLimit}" "-d ${dataLimit}"; do ulimit $limit 2>/dev/null; done; exec "$@"`

const always = [
  'a process of its own, and realms in it: one for each of the first 64 nodes, two for all others',
  `realms have the language only: no process, files, clock or chance; no code out of strings; heap of ${heapLimit} MiB`,
  "Node's permissions: reads the bundle of the files and nothing else; writes nothing; no network, no processes, " +
    'no threads, no addons',
  'a clean environment, three descriptors of its own, output cut off',
  'budgets in events and packets, a limit of time for what hangs; verdicts are made and kept outside',
]

const doesNotHold = [
  'a flaw in V8 or in Node that lets code out of its realm: it could then share memory between its nodes',
  'code that knows the public networks by heart: judge with a key, in hidden networks',
  'code written by somebody else: see the similar pairs of a class',
]

let known: Protections | undefined

/** Tries once what this system offers. */
export function protections(): Protections {
  return (known ??= findProtections())
}

function findProtections(): Protections {
  const inForce = [...always]
  const missing: string[] = []
  const before: string[] = []
  const unshare = ['unshare', ...namespaceFlags]
  const { trouble } = tryOut([...unshare, 'true'])
  if (trouble === undefined) {
    before.push(...unshare)
    inForce.push('user, network, process and IPC namespaces of its own')
  } else missing.push(`namespaces of its own: ${trouble}`)
  const shell = ['/bin/sh', '-c', limits, 'sh']
  const { stdout, trouble: shellTrouble } = tryOut([...shell, '/bin/sh', '-c', 'ulimit -d'])
  if (shellTrouble === undefined) before.push(...shell)
  if (stdout === String(dataLimit)) {
    inForce.push(`limits of the system: ${dataLimit / 1024} MiB of data, ${cpuLimit} s of processor time, no files`)
  } else missing.push(`limits of the system on memory: ${shellTrouble ?? `it says ${stdout}`}`)
  return { before, isolation: { inForce, missing, doesNotHold } }
}

/** What it printed, and what is wrong with it, in the system's words. */
function tryOut([command = '', ...rest]: readonly string[]): {
  readonly stdout: string
  readonly trouble: string | undefined
} {
  const { status, error, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: 10_000 })
  if (status === 0) return { stdout: stdout.trim(), trouble: undefined }
  return { stdout: '', trouble: error?.message ?? (stderr.trim().split('\n')[0] || `it ended with ${String(status)}`) }
}
