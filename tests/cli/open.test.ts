import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { fromLink, toLink } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { playgroundUrl } from '../../cli/open/playground-url.ts'
import { projectRoot } from '../../cli/project.ts'
import { servesPeerlab } from '../../cli/start/running-server.ts'
import { cases, fc } from '../support/fast-check.ts'
import { ending, peerlab, start } from './support/peerlab.ts'
import { unusedPort } from './support/ports.ts'

const link = 'peerlab:gossip?seed=7&fanout=2&do=crash@50~{"node":3}'
const hash = '#peerlab:gossip?seed=7&fanout=2&do=crash@50~%7B%22node%22:3%7D'

describe('the address of a run', () => {
  it('keeps the run, and leaves a browser nothing to escape', () => {
    const spec = fc.record({
      scenario: fc.constant('gossip'),
      seed: fc.nat(),
      lab: fc.string({ unit: 'grapheme' }),
      parameters: fc.record({ loss: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100) }),
      actions: fc.array(
        fc.record({
          time: fc.nat(),
          input: fc.record({
            action: fc.constant('crash'),
            with: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.nat()),
          }),
        }),
        { maxLength: 3 },
      ),
    })
    fc.assert(
      fc.property(spec, fc.boolean(), (wanted, isEscaped) => {
        const whole = toLink(wanted)
        const typed = isEscaped ? whole : whole.replace(/%(?:20|22|7B|7D)/g, decodeURIComponent)
        const url = playgroundUrl('http://localhost:3030/', typed)
        const seen = new URL(url)
        expect(seen.href).toBe(url)
        expect(seen.pathname).toBe('/playground')
        expect(fromLink(seen.hash.slice(1))).toEqual(fromLink(whole))
      }),
      cases(300),
    )
  })
})

describe.concurrent('peerlab open', () => {
  it.skipIf(process.platform === 'win32')('uses the slides that are served already', async () => {
    const port = await unusedPort()
    const slides = start(['start', 'gossip', '--port', String(port), '--no-open'])
    const ended = ending(slides)
    const [line] = (await Promise.race([once(slides.stdout!, 'data'), ended])) as [string]
    expect(line).toBe(`The deck 03-gossip is at http://localhost:${port}/ (Ctrl+C stops it)\n`)
    const opened = await peerlab(['open', link, '--port', String(port), '--no-open'])
    const old = await peerlab(['open', `${link}&fingerprint=0&version=0.0.1`, '--port', String(port), '--no-open'])
    slides.kill('SIGINT')
    expect(opened).toEqual({
      code: 0,
      stdout: `The run is at http://localhost:${port}/playground${hash}\n`,
      stderr: '',
    })
    expect(old.code).toBe(0)
    expect(old.stderr).toMatch(/^The link was made with version 0\.0\.1 of the engine; this is .+\n$/)
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })

  it.skipIf(process.platform === 'win32')('serves them itself where nobody does', async () => {
    const port = await unusedPort()
    const child = start(['open', link, '--port', String(port), '--no-open'])
    const ended = ending(child)
    const [line] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [string]
    expect(line).toBe(`The run is at http://localhost:${port}/playground${hash} (Ctrl+C stops it)\n`)
    child.kill('SIGINT')
    expect(await ended).toEqual({ code: 0, stdout: line, stderr: '' })
  })

  it('takes no other program for Peerlab, whatever its title', async () => {
    const server = await pageServer('<title>Peerlab</title>')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await peerlab(['open', link, '--port', String(port)])
    server.close()
    expect(code).toBe(3)
    expect(stderr).toContain(`Port ${port} is in use by another program`)
  })

  it.each([
    ['these slides', `${projectRoot}slides/course.md`, true],
    ['a deck that was renamed', `${projectRoot}slides/03-gosip/slides.md`, false],
    ['the slides of another folder', new URL('..', pathToFileURL(projectRoot)).pathname, false],
  ])('tells %s', async (_, entry, isOurs) => {
    const server = await pageServer(`<meta property="slidev:entry" content="${entry}">`)
    const { port } = server.address() as AddressInfo
    expect(await servesPeerlab(`http://localhost:${port}/`)).toBe(isOurs)
    server.close()
  })
})

/** A server that says one thing whatever it is asked. */
async function pageServer(page: string) {
  const server = createServer((_, response) => response.setHeader('Connection', 'close').end(page)).listen(
    0,
    'localhost',
  )
  await once(server, 'listening')
  return server
}
