import { relative } from 'node:path'
import type { Context } from '../context.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { projectRoot } from '../project.ts'
import { freePort, isFree } from './ports.ts'
import { servedDeck } from './running-server.ts'

/** Where Peerlab is unless somebody says otherwise. */
export const defaultPort = 3030

/** What is at the address at which the slides are if they were started with the same `--port`, or both without. */
export interface UsualPlace {
  readonly port: number
  readonly url: string
  /** The deck of this Peerlab that is served there already; undefined where nothing or something else is. */
  readonly deck: string | undefined
}

export async function usualPlace(wanted: string | undefined): Promise<UsualPlace> {
  const port = wanted === undefined ? defaultPort : readPort(wanted)
  const url = `http://localhost:${port}/`
  return { port, url, deck: await servedDeck(url) }
}

export interface PortWish {
  /** It was asked for. Otherwise the next free one will do, for whoever starts a second deck. */
  readonly isWanted: boolean
  /** The command that is to have it, as it is repeated in the way out. */
  readonly command: string
}

/** A port for the slides. One that was asked for and is taken is refused: its number may be on a poster. */
export async function choosePort(
  { err }: Context,
  { port, deck }: UsualPlace,
  { isWanted, command }: PortWish,
): Promise<number> {
  if (await isFree(port)) return port
  // The lowest ports are for the superuser only.
  const next = await freePort(port < 1024 ? defaultPort : port + 1)
  const use = deck === undefined ? 'is in use by another program, or not allowed' : `serves ${nameOf(deck)}`
  if (!isWanted) {
    err.line(`Port ${port} ${use}, so the slides take ${next}.`)
    return next
  }
  throw new CouldNotRun(
    `Port ${port} ${use}.`,
    `Stop that${deck === undefined ? ' program' : ' with Ctrl+C in its terminal'}, ` +
      `or use the next free port: npx peerlab ${command} --port ${next}`,
  )
}

export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN
  if (port >= 1 && port <= 65_535) return port
  throw new WrongUse(
    `--port cannot be "${text}".`,
    `It must be a whole number from 1 to 65535, for example: --port ${defaultPort}`,
  )
}

/** A deck's file, as it is called in this project. */
function nameOf(deck: string): string {
  return relative(projectRoot, deck).replaceAll('\\', '/')
}
