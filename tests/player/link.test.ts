/** A link shows what it was made of, or says that it does not. */
import { readFileSync } from 'node:fs'
import { engineVersion, fromLink, readLink, toLink, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { differenceFrom, linkOf } from '../../slides/theme/player/link-of.ts'
import type { Recording, RecordingData } from '../../slides/theme/player/recording.ts'

const spec: RunSpec = {
  scenario: 'gossip',
  seed: 7,
  parameters: { size: 12 },
  actions: [{ time: 250, after: 31, input: { action: 'crash', with: { node: 3 } } }],
}
const data = (fingerprint: string, code?: string): RecordingData => ({ fingerprint, code }) as RecordingData

describe('a link of a player', () => {
  test('carries the run, the moment, the fingerprint, the version and the code, and gives them back', () => {
    const notes = { playhead: 120.5, fingerprint: '00ff', code: 'abc' }
    expect(readLink(toLink(spec, notes))).toEqual({ spec, ...notes, version: engineVersion })
    expect(fromLink(toLink(spec, notes))).toEqual(spec)
  })

  test('carries the fingerprint of its own run only, and none while that is computed', () => {
    const shown = (isCurrent: boolean) => ({
      spec: { value: spec },
      playhead: { value: 120.5 },
      recording: { value: { data: data('00ff', 'abc') } as Recording },
      isCurrent: { value: isCurrent },
    })
    const notes = { playhead: 120.5, fingerprint: '00ff', code: 'abc' }
    expect(readLink(linkOf(shown(true)))).toEqual({ spec, ...notes, version: engineVersion })
    expect(readLink(linkOf(shown(false)))).toEqual({ spec, playhead: 120.5 })
  })

  test('says nothing when the run has the fingerprint that was expected', () => {
    expect(differenceFrom(readLink(toLink(spec, { fingerprint: '00ff' })), data('00ff'))).toBeUndefined()
    expect(differenceFrom(readLink(toLink(spec)), data('00ff'))).toBeUndefined()
  })

  test('names the reason when the run has another fingerprint: the code, or the version', () => {
    const made = toLink(spec, { fingerprint: '00ff', code: 'old' })
    expect(differenceFrom(readLink(made), data('1234', 'new'))).toMatch(/another version of the lab file/)
    const older = made.replace(`version=${engineVersion}`, 'version=0.0.1')
    expect(differenceFrom(readLink(older), data('1234', 'old'))).toMatch(/version 0\.0\.1/)
    expect(differenceFrom(readLink(made), data('1234', 'old'))).toMatch(/not the one/)
  })

  test.each(['at=-1', 'at=', 'at=soon'])('refuses %s with what it must be', (field) => {
    expect(() => readLink(`peerlab:gossip?seed=7&${field}`)).toThrow(/number of milliseconds from 0/)
  })
})

test('the version that links carry is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../engine/package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  expect(engineVersion).toBe(version)
})
