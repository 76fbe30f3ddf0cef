/** docs/platforms.md says what the commands take. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../cli/formats/registry.ts'
import { projectRoot } from '../../../cli/project.ts'
import { peerlab } from '../support/peerlab.ts'

const page = readFileSync(join(projectRoot, 'docs', 'platforms.md'), 'utf8')
const commands = [...page.matchAll(/npx peerlab (grade|export \w+)([^`\n]*)/g)].map(([, name, rest]) => ({
  name: name!,
  options: rest!.match(/--[\w-]+/g) ?? [],
  format: / --format ([\w-]+)/.exec(rest!)?.[1],
}))

describe('the page on platforms', () => {
  it.each([...new Set(commands.map(({ name }) => name))])('has options that "peerlab %s" takes', async (name) => {
    const { code, stdout } = await peerlab([...name.split(' '), '--help'])
    expect(code).toBe(0)
    const options = commands.filter((command) => command.name === name).flatMap((command) => command.options)
    expect(options.length).toBeGreaterThan(0)
    for (const option of options) expect(stdout).toMatch(new RegExp(`^  ${option}\\b`, 'm'))
  })

  it('has a row for each format, and a command for each that the package does not call', () => {
    for (const { id } of formats) expect(page).toContain(`| \`${id}\` |`)
    const known = formats.map(({ id }) => id)
    const named = commands.map(({ format }) => format).filter((format) => format !== undefined)
    expect(named.filter((format) => !known.includes(format))).toEqual([])
    expect([...new Set(named)].sort()).toEqual(['csv', 'exercism', 'github-classroom', 'junit'])
  })
})
