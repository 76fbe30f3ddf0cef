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

  it.each(['127.0.0.1', '0.0.0.0'])('refuses a port that is taken on %s and names a free one', async (host) => {
    const port = await unusedPort()
    const other = await listening(port, host)
    const { code, stdout, stderr } = await peerlab(['start', '--port', String(port)])
    await close(other)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    const [, free] = new RegExp(`^Error: Port ${port} is in use .+\\n.+--port (\\d+)\\n$`).exec(stderr)!
    expect(Number(free)).toBeGreaterThan(port)
  })
})
