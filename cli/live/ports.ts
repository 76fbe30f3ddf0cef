import { once } from 'node:events'
import { createServer } from 'node:net'

/** Those of the ports of 127.0.0.1 on which nobody listens: found by listening there for a moment. */
export async function freePorts(ports: readonly number[]): Promise<number[]> {
  const free = await Promise.all(ports.map(isFree))
  return ports.filter((_, i) => free[i])
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
