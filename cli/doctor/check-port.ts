import { freePort, isFree } from '../start/ports.ts'
import { servesPeerlab } from '../start/running-server.ts'
import type { Finding } from './finding.ts'

const check = 'port'

/** Whether the slides can have their usual port. */
export async function checkPort(port: number): Promise<Finding> {
  if (await isFree(port)) return { check, message: `Port ${port} is free for the slides.` }
  if (await servesPeerlab(`http://localhost:${port}/`)) return { check, message: `Port ${port} serves the slides.` }
  return {
    check,
    message: `Port ${port} is in use by another program, or not allowed.`,
    fix: `Stop that program, or run: npx peerlab start --port ${await freePort(port + 1)}`,
  }
}
