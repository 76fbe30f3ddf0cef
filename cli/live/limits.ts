import { CouldNotRun, WrongUse } from '../failure.ts'
import { formatNumber } from '../format.ts'

/** Each node has a port, keys and timers of its own. */
export const maxNodes = 200
/** Each takes two handshakes, one at either end: some milliseconds of one processor. */
const maxConnections = 2000
/** What the process has open besides: its files, its terminal, its modules. */
const otherFiles = 100

/** Refuses a graph that is too large for the sockets of one process, before any of them is opened. */
export function checkSize(nodes: number, connections: number): void {
  const way = 'Take fewer nodes (--nodes), fewer neighbors (--set degree=4) or another graph (--set topology=ring).'
  if (connections > maxConnections) {
    throw new WrongUse(
      `This graph needs ${formatNumber(connections)} connections; at most ${formatNumber(maxConnections)} are made.`,
      way,
    )
  }
  // Both ends of a connection are in this process, and each node listens.
  const needed = nodes + 2 * connections + otherFiles
  const allowed = openFileLimit()
  if (needed <= allowed) return
  throw new CouldNotRun(
    `This needs about ${formatNumber(needed)} open files, and this system allows ${formatNumber(allowed)}.`,
    `${way} Or allow more, for example with: ulimit -n ${2 ** Math.ceil(Math.log2(needed))}`,
  )
}

/** How many files and sockets this process may have open; Infinity where the system does not say. */
function openFileLimit(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } }
  }
  const limit = userLimits?.open_files?.soft
  return typeof limit === 'number' ? limit : Infinity
}
