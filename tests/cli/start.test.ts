import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isFree } from '../../cli/start/ports.ts'
import { ending, peerlab, start } from './support/peerlab.ts'
import { close, listening, unusedPort } from './support/ports.ts'

describe.concurrent('peerlab start', () => {
  // A test can send no Ctrl-C on Windows.
  it.skipIf(process.platform === 'win32')('says where it is in one line, and leaves nothing behind', async () => {
    const port = await unusedPort()
    const child = start(['start', '--port', String(port), '--no-open'])
    const ended = ending(child)
    const [line] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [string]
    expect(line).toBe(`Peerlab is at http://localhost:${port}/ (Ctrl+C stops it)\n`)
    const page = await fetch(`http://localhost:${port}/`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Peerlab')])
    child.kill('SIGINT')
    expect(await ended).toEqual({ code: 0, stdout: line, stderr: '' })
    expect(await isFree(port)).toBe(true)
  })

  it.skipIf(process.platform === 'win32')(
    'shows what it serves already, and takes no port of another deck',
    async () => {
      const port = await unusedPort()
      const course = start(['start', '--port', String(port), '--no-open'])
      const ended = ending(course)
      await Promise.race([once(course.stdout!, 'data'), ended])
      // A proxy that is nowhere: nothing on this computer is asked through it.
      const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' }
      const again = await peerlab(['start', '--port', String(port), '--no-open'], { env: proxy })
      const other = await peerlab(['start', 'gossip', '--port', String(port), '--no-open'])
      course.kill('SIGINT')
      expect(again).toEqual({
        code: 0,
        stdout: `Peerlab is at http://localhost:${port}/ (it was started before)\n`,
        stderr: '',
      })
      expect({ code: other.code, stdout: other.stdout }).toEqual({ code: 3, stdout: '' })
      expect(other.stderr).toMatch(
        new RegExp(`^Error: Port ${port} serves slides/course.md.\nStop that .+ start 03-gossip --port \\d+\n$`),
      )
      expect((await ended).code).toBe(0)
    },
  )

  it.each(['127.0.0.1', '0.0.0.0'])('refuses a port that is taken on %s and names a free one', async (host) => {
    const port = await unusedPort()
    const other = await listening(port, host)
    other.on('connection', (socket) => socket.destroy())
    const { code, stdout, stderr } = await peerlab(['start', '--port', String(port)])
    await close(other)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    const [, free] = new RegExp(`^Error: Port ${port} is in use .+\\n.+--port (\\d+)\\n$`).exec(stderr)!
    expect(Number(free)).toBeGreaterThan(port)
  })
})
