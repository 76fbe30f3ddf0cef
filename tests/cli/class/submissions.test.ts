/** What a folder may do to whoever grades it: nothing. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { handInLimits, hashOf, readHandIn, submissionsIn, type HandIn } from '../../../cli/class/submissions.ts'
import { WrongUse } from '../../../cli/failure.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { gossip, writeFiles } from '../support/class.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-submissions-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (name = 'ann'): HandIn => readHandIn(folder, name, gossip)

describe('a submission', () => {
  it.each([
    ['at the top', 'ann/gossip.ts'],
    ['in a folder of the lab', 'ann/03-gossip/gossip.ts'],
    ['as the course has it', 'ann/labs/03-gossip/gossip.ts'],
    ['one folder deeper, as archives have it', 'ann/p2p-main/labs/03-gossip/gossip.ts'],
  ])('may have its files %s', (_, path) => {
    writeFiles(folder, { [path]: 'text' })
    expect(read()).toMatchObject({ files: [{ path: 'gossip.ts', text: 'text' }] })
  })

  it('brings its code, in any order of the folder, and nothing else', () => {
    writeFiles(folder, {
      'ann/gossip.ts': 'a',
      'ann/parts/b.ts': 'b',
      'ann/README.md': 'no',
      'ann/node_modules/x/index.js': 'no',
      'ann/.git/config.js': 'no',
      'ann/.starter/gossip.ts': 'no',
    })
    expect(read().files.map(({ path }) => path)).toEqual(['gossip.ts', 'parts/b.ts'])
  })

  it('has the time of its newest code', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a', 'ann/b.ts': 'b', 'ann/report.pdf': 'later' })
    utimesSync(join(folder, 'ann/gossip.ts'), 1000, 1000)
    utimesSync(join(folder, 'ann/b.ts'), 2000, 2000)
    expect(read().writtenAt).toBe(new Date(2_000_000).toISOString())
  })

  it('says what it lacks', () => {
    writeFiles(folder, { 'ann/other.ts': '' })
    expect(read()).toMatchObject({ files: [], trouble: expect.stringContaining('there is no file gossip.ts') })
  })

  it.skipIf(process.platform === 'win32')('of another name is another folder, whatever the name is', () => {
    const names = ["=cmd|'!A0", 'a b', '<script>', '-rf', 'ü', '..x', '%2e%2e', 'name\nwith line', '$(id)']
    for (const name of names) writeFiles(folder, { [`${name}/gossip.ts`]: name })
    expect(submissionsIn(folder)).toEqual(names.filter((name) => !name.startsWith('.')).toSorted())
    for (const name of submissionsIn(folder)) expect(read(name).files).toEqual([{ path: 'gossip.ts', text: name }])
  })
})

describe('a submission that does harm is named, and no more', () => {
  it('with a file of a gigabyte', () => {
    writeFiles(folder, { 'ann/gossip.ts': '' })
    truncateSync(join(folder, 'ann/gossip.ts'), 2 ** 30)
    expect(read().trouble).toBe('gossip.ts has 1,073,741,824 bytes; at most 524,288 are judged')
  })

  it('with large files that are not code, it is none', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a', 'ann/film.mp4': '' })
    truncateSync(join(folder, 'ann/film.mp4'), 2 ** 30)
    expect(read().trouble).toBeUndefined()
  })

  it('with thousands of files', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a' })
    for (let i = 0; i < handInLimits.entries; i++) writeFileSync(join(folder, 'ann', `${i}.txt`), '')
    expect(read().trouble).toBe('it has more than 5,000 files and folders')
  })

  it('with more code than anybody writes', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a' })
    for (let i = 0; i < handInLimits.files; i++) writeFileSync(join(folder, 'ann', `${i}.ts`), '')
    expect(read().trouble).toBe('it has more than 100 files with code')
    for (let i = 0; i < handInLimits.files; i++) rmSync(join(folder, 'ann', `${i}.ts`))
    for (let i = 0; i < 5; i++) writeFileSync(join(folder, 'ann', `${i}.ts`), ' '.repeat(500_000))
    expect(read().trouble).toBe('its code has more than 2,097,152 bytes')
  })

  it('with folders without end', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a', [`ann/${'deep/'.repeat(50)}x.ts`]: '' })
    expect(read().trouble).toBe('its folders are more than 8 deep')
  })

  it.skipIf(process.platform === 'win32').each([
    [
      'a file',
      (to: string) => symlinkSync(to, join(folder, 'ann/gossip.ts')),
      'gossip.ts is a link; hand in the file itself',
    ],
    ['its own folder', () => symlinkSync('.', join(folder, 'ann/03-gossip')), 'there is no file gossip.ts'],
    ['labs', (to: string) => symlinkSync(join(to, '..', '..'), join(folder, 'ann/labs')), 'there is no file gossip.ts'],
  ])('with a link in the place of %s', (_, link, trouble) => {
    writeFiles(folder, { 'elsewhere/03-gossip/gossip.ts': 'secret' })
    mkdirSync(join(folder, 'ann'))
    link(join(folder, 'elsewhere/03-gossip/gossip.ts'))
    expect(read()).toMatchObject({ files: [], trouble: expect.stringContaining(trouble) })
  })

  it.skipIf(process.platform === 'win32')('with links among its files: they are left out', () => {
    writeFiles(folder, { 'elsewhere/secret.ts': 'secret', 'ann/gossip.ts': 'a' })
    symlinkSync('../elsewhere/secret.ts', join(folder, 'ann/secret.ts'))
    symlinkSync('..', join(folder, 'ann/up'))
    expect(read().files).toEqual([{ path: 'gossip.ts', text: 'a' }])
  })

  it.skipIf(process.platform === 'win32')('as a link itself', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a' })
    symlinkSync('ann', join(folder, 'bob'))
    expect(submissionsIn(folder)).toEqual(['ann', 'bob'])
    expect(read('bob').trouble).toBe('the submission is a link and no folder')
  })

  // Whoever is root may read everything.
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('with a folder that cannot be read', () => {
    writeFiles(folder, { 'ann/gossip.ts': 'a', 'ann/inner/x.ts': '' })
    chmodSync(join(folder, 'ann/inner'), 0)
    expect(read().trouble).toContain('it cannot be read')
    chmodSync(join(folder, 'ann/inner'), 0o755)
  })

  it('with a folder that has the name of the file', () => {
    mkdirSync(join(folder, 'ann/gossip.ts'), { recursive: true })
    expect(read().trouble).toBe('gossip.ts is no file')
  })
})

describe('the hash of a hand-in', () => {
  it('differs for different files, and only for those', () => {
    const file = fc.record({ path: fc.constantFrom('a.ts', 'b.ts'), text: fc.string({ maxLength: 2 }) })
    const files = fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 2 })
    fc.assert(
      fc.property(files, files, (a, b) => {
        const [left, right] = [a, b].map((each) => ({
          submission: 'x',
          lab: 'y',
          files: each,
          writtenAt: String(each === a),
        }))
        expect(hashOf(left!) === hashOf(right!)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      cases(300),
    )
  })
})

describe('a folder without submissions', () => {
  it('is refused', () => {
    expect(() => submissionsIn(join(folder, 'nowhere'))).toThrow(WrongUse)
  })
})
