import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { projectRoot } from '../project.ts'
import { closestNumbered } from '../suggest.ts'

/** A markdown file that can be presented. */
export interface Deck {
  /** The folder's name: NN-topic. The whole course is `course`. */
  readonly id: string
  readonly path: string
}

const slidesFolder = join(projectRoot, 'slides')

/** The deck of a module, or without one the whole course. */
export function askedDeck(module: string | undefined): Deck {
  return module === undefined ? wholeCourse() : namedDeck(module, readDecks())
}

function wholeCourse(): Deck {
  const path = join(slidesFolder, 'course.md')
  if (existsSync(path)) return { id: 'course', path }
  throw new CouldNotRun(`The slides are not there: ${path}`, 'Bring them back with: git checkout slides')
}

/** The modules whose deck exists, in the order of the course. */
export function readDecks(folder = slidesFolder): Deck[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((id) => ({ id, path: join(folder, id, 'slides.md') }))
    .filter(({ path }) => existsSync(path))
}

/** The deck with this id, or the only one whose id contains the text: `gossip` is 03-gossip. */
export function namedDeck(text: string, decks: readonly Deck[]): Deck {
  const lower = text.toLowerCase()
  const exact = decks.find(({ id }) => id === lower)
  if (exact !== undefined) return exact
  const found = decks.filter(({ id }) => lower !== '' && id.includes(lower))
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new WrongUse(
      `"${text}" fits more than one deck: ${found.map(({ id }) => id).join(', ')}.`,
      `Write more of its name, for example: ${found[0]!.id}`,
    )
  }
  throw noSuchDeck(text, decks)
}

function noSuchDeck(text: string, decks: readonly Deck[]): WrongUse {
  const ids = decks.map(({ id }) => id)
  const guess = closestNumbered(text, ids)
  return new WrongUse(
    `There is no deck "${text}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    `${decksInWords(ids)} Without a name it is the whole course.`,
  )
}

function decksInWords(ids: readonly string[]): string {
  if (ids.length === 0) return 'No module has a deck so far.'
  return ids.length === 1 ? `The only deck so far is ${ids[0]}.` : `The decks are ${ids.join(', ')}.`
}
