import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutputFile } from '../../cli/export/output-file.ts'
import { peerlab } from './support/peerlab.ts'
import { close } from './support/ports.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab ausgäbe '))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A disk that is full after half of what is written to it. */
const fullDisk = ((path: string, data: Uint8Array) => {
  writeFileSync(path, data.subarray(0, data.length / 2))
  throw new Error('ENOSPC: no space left on device, write')
}) as typeof writeFileSync

describe('the file of an export', () => {
  it('is written whole, and leaves nothing beside it', () => {
    const file = new OutputFile(join(folder, 'slides.pdf'))
    file.check()
    expect(readdirSync(folder)).toEqual([])
    file.write(Buffer.from('new'))
    expect(readdirSync(folder)).toEqual(['slides.pdf'])
    expect(readFileSync(file.path, 'utf8')).toBe('new')
  })

  it('is what it was before where the disk is full', () => {
    const path = join(folder, 'slides.pdf')
    const file = new OutputFile(path, fullDisk)
    expect(() => file.write(Buffer.from('new'))).toThrow(`${path} could not be written: the disk is full.`)
    expect(readdirSync(folder)).toEqual([])
    writeFileSync(path, 'old')
    expect(() => file.write(Buffer.from('new'))).toThrow('could not be written')
    expect(readdirSync(folder)).toEqual(['slides.pdf'])
    expect(readFileSync(path, 'utf8')).toBe('old')
  })

  it('stays a link where it is one', () => {
    mkdirSync(join(folder, 'far'))
    writeFileSync(join(folder, 'far', 'real.pdf'), 'old')
    symlinkSync(join('far', 'real.pdf'), join(folder, 'link.pdf'))
    new OutputFile(join(folder, 'link.pdf')).write(Buffer.from('new'))
    expect(readFileSync(join(folder, 'far', 'real.pdf'), 'utf8')).toBe('new')
    expect(
      readdirSync(folder, { withFileTypes: true })
        .find(({ name }) => name === 'link.pdf')
        ?.isSymbolicLink(),
    ).toBe(true)
  })

  // A socket, because a test that fails must not harm a device of the machine.
  it.skipIf(process.platform === 'win32')('never takes the place of what is no file', async () => {
    const path = join(folder, 'socket')
    const server = createServer().listen(path)
    await once(server, 'listening')
    const file = new OutputFile(path)
    file.check()
    expect(() => file.write(Buffer.from('new'))).toThrow(`${path} could not be written: `)
    expect(statSync(path).isSocket()).toBe(true)
    expect(readdirSync(folder)).toEqual(['socket'])
    await close(server)
  })
})

describe('peerlab export', () => {
  it('says that --output is a folder, or in a folder that is not there, before any work', async () => {
    const missing = join(folder, 'not there')
    for (const [output, says] of [
      [folder, `--output names a folder: ${folder}\nName a file in it, for example: --output "`],
      [join(missing, 'a.pdf'), `--output names a folder that is not there: ${missing}\nMake it first`],
    ] as const) {
      const { code, stdout, stderr } = await peerlab(['export', '--output', output])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(`Error: ${says}`)
    }
  })

  // To the superuser every folder is open, so this one is no folder at all.
  it.skipIf(process.platform === 'win32')('says that nothing can be written there, before any work', async () => {
    const { code, stderr } = await peerlab(['export', '--output', '/dev/fd/slides.pdf'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^Error: \/dev\/fd\/slides\.pdf could not be written: .+\.\n.+ --output\.\n$/)
  })

  it('names the browser that is not there or does not start, and writes nothing', async () => {
    for (const [browser, says] of [
      [join(folder, 'browser'), /^Error: PEERLAB_BROWSER is ".+", and nothing is there\.\n.+\n$/],
      [process.execPath, /^Error: The browser .+ does not start\.\nInstall Chromium, Chrome or Edge, .+\n$/],
    ] as const) {
      const { code, stdout, stderr } = await peerlab(['export'], { cwd: folder, env: { PEERLAB_BROWSER: browser } })
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toMatch(says)
      expect(readdirSync(folder)).toEqual([])
    }
  })
})
