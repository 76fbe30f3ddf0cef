/** The API reference: that it is made without a warning, and that its pages need nothing from elsewhere. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..', '..')
const typedoc = path.join(root, 'node_modules', 'typedoc', 'bin', 'typedoc')
const out = mkdtempSync(path.join(tmpdir(), 'peerlab-api-'))

let said = ''
let pages: readonly { readonly name: string; readonly text: string }[] = []

beforeAll(async () => {
  // A warning is an error: then the status is not 0, and the reason is in the message.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [typedoc, '--out', out], { cwd: root })
  said = stdout + stderr
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' })
  pages = names
    .filter((name) => /\.(?:html|css|js)$/.test(name))
    .map((name) => ({ name, text: readFileSync(path.join(out, name), 'utf8') }))
}, 300_000)

afterAll(() => rmSync(out, { recursive: true, force: true }))

describe('the API reference', () => {
  test('is made of the doc comments without a warning', () => {
    expect(said).not.toMatch(/warning|error/i)
    const names = pages.map(({ name }) => name.replaceAll(path.sep, '/'))
    expect(names).toEqual(expect.arrayContaining(['index.html', 'classes/Simulation.html', 'interfaces/Host.html']))
  })

  test('says of every class what it is, of a protocol what its file says at the top', () => {
    const classes = pages.filter(({ name }) => /^classes[\\/]/.test(name))
    expect(classes.length).toBeGreaterThan(40)
    const comments = classes.map(({ name, text }) => {
      const [, comment = ''] = /<section class="tsd-panel tsd-comment">([^]*?)<\/section>/.exec(text) ?? []
      return { name, comment: comment.replace(/<[^>]*>/g, '').trim() }
    })
    // What an interface says is inherited, and is the same for all who implement it.
    const inherited = 'All that a protocol must do.'
    const silent = comments.filter(({ comment }) => comment === '' || comment.startsWith(inherited))
    expect(silent.map(({ name }) => name)).toEqual([])
    expect(comments.find(({ name }) => name.endsWith('Push.html'))!.comment).toMatch(/infect and die/)
  })

  test('loads nothing from elsewhere: no script, style, font, picture or request', () => {
    const elsewhere = String.raw`\s*["'\`]?\s*(?:https?:)?//`
    const loads = new RegExp(
      [
        String.raw`<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*\b(?:src|srcset|data)=${elsewhere}`,
        String.raw`<link\b[^>]*\bhref=${elsewhere}`,
        String.raw`\burl\(${elsewhere}`,
        String.raw`@import${elsewhere}`,
        String.raw`\b(?:fetch|import|importScripts|WebSocket|EventSource|sendBeacon)\(${elsewhere}`,
      ].join('|'),
      'i',
    )
    expect(loads.test('<link rel="stylesheet" href="https://example.org/a.css"/>')).toBe(true)
    expect(loads.test("@import '//example.org/font.css'")).toBe(true)
    expect(pages.length).toBeGreaterThan(100)
    expect(pages.filter(({ text }) => loads.test(text)).map(({ name }) => name)).toEqual([])
  })
})
