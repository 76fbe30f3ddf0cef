import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Context } from '../context.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { openBrowser } from './browser.ts'
import { freePort, isFree } from './ports.ts'
import { SlideServer } from './slide-server.ts'

export interface PresentRequest {
  readonly port: string | undefined
  readonly open: boolean
}

const defaultPort = 3030
const course = new URL('../../slides/course.md', import.meta.url)

/** `peerlab start`: serves the slides until Ctrl-C. */
export async function presentCourse({ out, err }: Context, { port: wanted, open }: PresentRequest): Promise<void> {
  const port = await choosePort(wanted)
  if (!existsSync(course)) {
    throw new CouldNotRun(
      `The slides are not there: ${fileURLToPath(course)}`,
      'Bring them back with: git checkout slides',
    )
  }
  if (wanted === undefined && port !== defaultPort) {
    err.line(`Port ${defaultPort} is in use by another program, so the slides take ${port}.`)
  }
  if (err.isTerminal) err.line('Starting the slides …')
  const server = new SlideServer(fileURLToPath(course), port)
  const stopWith = (): void => server.stop()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stopWith)
  try {
    if (!(await server.ready())) return
    out.line(`Peerlab is at ${server.url} (Ctrl+C stops it)`)
    if (open && out.isTerminal) openBrowser(server.url)
    await server.ended()
  } finally {
    for (const signal of signals) process.off(signal, stopWith)
    server.stop()
  }
}

/**
 * A port that was asked for is taken or refused: its number may be on a poster. Without a wish the next free one will
 * do, for whoever starts the course a second time.
 */
async function choosePort(wanted: string | undefined): Promise<number> {
  if (wanted === undefined) return await freePort(defaultPort)
  const port = /^\d+$/.test(wanted) ? Number(wanted) : NaN
  if (!(port >= 1 && port <= 65_535)) {
    throw new WrongUse(
      `--port cannot be "${wanted}".`,
      `It must be a whole number from 1 to 65535, for example: --port ${defaultPort}`,
    )
  }
  if (await isFree(port)) return port
  throw new CouldNotRun(
    `Port ${port} is in use by another program, or not allowed.`,
    `Stop that program, or use the next free port: npx peerlab start --port ${await freePort(port + 1)}`,
  )
}
