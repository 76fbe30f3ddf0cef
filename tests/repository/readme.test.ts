/** What the README promises a newcomer. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '..', '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const found = (pattern: RegExp): readonly string[] => [
  ...new Set([...readme.matchAll(pattern)].map(([, first]) => first!)),
]

describe('the README', () => {
  it('shows pictures that are there, in light and in dark, with a text, each under 250 kB', () => {
    const light = found(/<img src="([^"]+)" alt="[^"]{20,}">/g)
    const dark = found(/<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">/g)
    expect(light.length).toBeGreaterThan(0)
    expect(dark).toEqual(light.map((name) => name.replace('-light.', '-dark.')))
    for (const name of [...light, ...dark]) expect.soft(statSync(join(root, name)).size, name).toBeLessThan(250_000)
  })

  it('links files that are there', () => {
    const links = found(/\]\((?!https?:)([^)#]+)\)/g)
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((name) => !existsSync(join(root, name)))).toEqual([])
  })

  it('names scripts of npm that are there', () => {
    const scripts = found(/\bnpm (?:run )?(start|test|(?<=run )[\w:]+)/g)
    expect(scripts).toEqual(expect.arrayContaining(['start', 'test']))
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining([...scripts]))
  })

  it.each(found(/`npx peerlab ([a-z][^`|]*)`/g))('names a command that is there: %s', async (line) => {
    const words = line.split(/\s+(?=-|"|\d|DIR|…)/)[0]!.split(' ')
    const options = [...line.matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option!)
    const args = [join(root, 'cli', 'bin', 'peerlab.js'), ...words, '--help']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const isGroup = /^(?:lab|course)$/.test(words[0]!)
    expect(stdout).toMatch(new RegExp(`^Usage: peerlab ${words.slice(0, isGroup ? 2 : 1).join(' ')}\\b`))
    for (const option of options) expect(stdout).toMatch(new RegExp(`${option}(?![\\w-])`))
  })
})
