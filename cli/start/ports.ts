import { connect, createServer } from 'node:net'
import { CouldNotRun } from '../failure.ts'

/** How many ports are tried before giving up. */
const tries = 100

/** The first free port from this one on. */
export async function freePort(from: number): Promise<number> {
  const last = Math.min(from + tries - 1, 65_535)
  for (let port = from; port <= last; port++) if (await isFree(port)) return port
  throw new CouldNotRun(`No port from ${from} to ${last} is free.`, 'Name another one with --port.')
}

/** Whether a server on `localhost` can have the port. */
export async function isFree(port: number): Promise<boolean> {
  // Some systems let two programs listen on one port if one of them names its address, so somebody may answer there
  // although listening succeeds. `localhost` has two addresses, and a program may have taken either.
  const answers = await Promise.all(['127.0.0.1', '::1'].map((host) => doesAnswer(host, port)))
  return !answers.includes(true) && (await canListen(port))
}

function doesAnswer(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 })
    const answer = (does: boolean): void => {
      socket.destroy()
      resolve(does)
    }
    socket.on('connect', () => answer(true))
    socket.on('timeout', () => answer(false))
    socket.on('error', () => answer(false))
  })
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, 'localhost', () => server.close(() => resolve(true)))
  })
}
