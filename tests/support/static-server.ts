import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: { readonly [extension: string]: string } = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/**
 * The plainest file server there is, below a path of its own: what the built site has to work on.
 *
 * @param prepare awaited before each answer: what has to be done until the files are there
 */
export async function serveStatic(
  folder: string,
  base: string,
  prepare: () => Promise<void> = async () => {},
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const send = (status: number, type = 'text/plain', body: string | Buffer = ''): void => {
      response.writeHead(status, { 'content-type': type }).end(body)
    }
    const answer = (): void => {
      const path = decodeURI(request.url ?? '/').split('?')[0]!
      const file = join(folder, normalize(path.startsWith(base) ? path.slice(base.length) : '/none'))
      const page = existsSync(file) && statSync(file).isDirectory() ? join(file, 'index.html') : file
      if (existsSync(page)) send(200, types[extname(page)] ?? 'application/octet-stream', readFileSync(page))
      else send(404)
    }
    prepare().then(answer, (error: unknown) => send(500, 'text/plain', String(error)))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`, server }
}
