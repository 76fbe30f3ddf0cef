import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** A port that nobody uses right now. */
export async function unusedPort(): Promise<number> {
  const server = await listening(0)
  const { port } = server.address() as { port: number }
  await close(server)
  return port
}

export async function listening(port: number, host = 'localhost'): Promise<Server> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  return server
}

export async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
