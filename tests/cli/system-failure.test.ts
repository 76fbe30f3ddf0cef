import { closeSync, openSync, writeSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { systemFailureIn } from '../../cli/system-failure.ts'
import { cases, fc } from '../support/fast-check.ts'

const path = '/a folder/päth/file.ts'

/** What Node says, and what a person has to read of it. */
const refusals: readonly (readonly [text: string, message: string, wayOut: string])[] = [
  ['ENOSPC: no space left on device, write', 'The disk is full', 'Delete something'],
  [`ENOSPC: no space left on device, copyfile '/b' -> '${path}'`, 'The disk is full', 'Delete something'],
  [
    `EDQUOT: disk quota exceeded, open '${path}'`,
    `The disk is full, and nothing more could be written: ${path}`,
    'Delete',
  ],
  [`ENOSPC: System limit for number of file watchers reached, watch '${path}'`, 'watches as many files', 'sysctl'],
  [`EMFILE: too many open files, watch '${path}'`, 'watches as many files', 'sysctl'],
  [`EMFILE: too many open files, open '${path}'`, 'as many files open', 'Close other programs'],
  [`EROFS: read-only file system, mkdir '${path}'`, `the disk is read-only: ${path}`, 'Copy Peerlab to'],
  [
    `EACCES: permission denied, open '${path}'`,
    `no right to use this file or folder: ${path}`,
    'give yourself the right',
  ],
  [`EPERM: operation not permitted, rename '${path}'`, 'no right to use', 'give yourself the right'],
]

describe('what a system refuses', () => {
  it.each(refusals)('%s has a sentence and a way out', (text, message, wayOut) => {
    expect(systemFailureIn(text)).toMatchObject({
      message: expect.stringContaining(message),
      wayOut: expect.stringContaining(wayOut),
    })
  })

  it('is found in all that a server has said, whatever stands around it', () => {
    const words = fc.array(fc.constantFrom('ready in 300 ms', '  error: failed to load config', 'Error:', ''))
    fc.assert(
      fc.property(fc.constantFrom(...refusals), words, words, ([text], before, after) => {
        const said = [...before, `Error: ${text}`, ...after].join('\n')
        expect(systemFailureIn(said)).toEqual(systemFailureIn(text))
      }),
      cases(100),
    )
  })

  it.each([
    'TypeError: this is not a function',
    "ENOENT: no such file or directory, open '/a'",
    'connect ECONNREFUSED 127.0.0.1:3030',
    'listen EACCES: permission denied 127.0.0.1:80',
  ])('%s is none of these', (text) => expect(systemFailureIn(text)).toBeUndefined())

  it.skipIf(process.platform !== 'linux')('is told of a real full disk', () => {
    const disk = openSync('/dev/full', 'w')
    let said = ''
    try {
      writeSync(disk, 'a')
    } catch (error) {
      said = String(error)
    }
    closeSync(disk)
    expect(systemFailureIn(said)?.reason).toBe('the disk is full')
  })
})
