import type { Context } from '../context.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { freePort, isFree } from './ports.ts'

/** Where Peerlab is unless somebody says otherwise. */
export const defaultPort = 3030

/**
 * A port that was asked for is taken or refused: its number may be on a poster. Without a wish the next free one will
 * do, for whoever starts the course a second time.
 */
export async function choosePort({ err }: Context, wanted: string | undefined, command: string): Promise<number> {
  if (wanted !== undefined) return await takePort(readPort(wanted), command)
  const port = await freePort(defaultPort)
  if (port !== defaultPort) err.line(`Port ${defaultPort} is in use by another program, so the slides take ${port}.`)
  return port
}

export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN
  if (port >= 1 && port <= 65_535) return port
  throw new WrongUse(
    `--port cannot be "${text}".`,
    `It must be a whole number from 1 to 65535, for example: --port ${defaultPort}`,
  )
}

async function takePort(port: number, command: string): Promise<number> {
  if (await isFree(port)) return port
  throw new CouldNotRun(
    `Port ${port} is in use by another program, or not allowed.`,
    `Stop that program, or use the next free port: npx peerlab ${command} --port ${await freePort(port + 1)}`,
  )
}
