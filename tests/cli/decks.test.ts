import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namedDeck, readDecks, type Deck } from '../../cli/start/decks.ts'
import { cases, fc } from '../support/fast-check.ts'

const ids = ['01-download', '03-gossip', '06a-libp2p', '10-gossip-attacks']
const decks: readonly Deck[] = ids.map((id) => ({ id, path: `${id}/slides.md` }))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-decks-'))
  for (const name of [...ids, '11-empty', 'theme']) mkdirSync(join(folder, name))
  for (const name of [...ids, 'theme']) writeFileSync(join(folder, name, 'slides.md'), '')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('decks', () => {
  it('are the numbered folders that hold slides, in the order of the course', () => {
    expect(readDecks(folder).map(({ id }) => id)).toEqual(ids)
    expect(readDecks(join(folder, 'nowhere'))).toEqual([])
  })

  it('are found by any part that only one of them has, whatever its case, and by nothing else', () => {
    const part = fc
      .record({ id: fc.constantFrom(...ids), from: fc.nat(20), length: fc.integer({ min: 1, max: 20 }) })
      .map(({ id, from, length }) => id.slice(from % id.length, (from % id.length) + length))
    fc.assert(
      fc.property(part, fc.boolean(), (text, isUpper) => {
        const having = ids.filter((id) => id.includes(text))
        const wanted = ids.includes(text) ? text : having.length === 1 ? having[0] : undefined
        const find = () => namedDeck(isUpper ? text.toUpperCase() : text, decks).id
        if (wanted === undefined) expect(find).toThrow('more than one deck')
        else expect(find()).toBe(wanted)
      }),
      cases(300),
    )
  })

  it.each([
    ['gosip-attacks', '10-gossip-attacks'],
    ['dowload', '01-download'],
    ['kademlia', undefined],
  ])('%s is none, and is near to %s', (text, near) => {
    const guess = near === undefined ? '' : ` Did you mean "${near}"?`
    expect(() => namedDeck(text, decks)).toThrow(`There is no deck "${text}".${guess}`)
  })

  it('of which none exists say so', () => {
    expect(() => namedDeck('gossip', [])).toThrow(
      expect.objectContaining({ wayOut: expect.stringContaining('No module has a deck') }),
    )
  })
})
