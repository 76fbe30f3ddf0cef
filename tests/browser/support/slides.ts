import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from '@slidev/parser'

const slidesFolder = fileURLToPath(new URL('../../../slides', import.meta.url))

/** The texts of the slides of a deck in their order, those of the decks that it includes among them. */
export async function slidesOf(deck: string): Promise<string[]> {
  const path = join(slidesFolder, deck)
  const { slides } = await parse(readFileSync(path, 'utf8'), path)
  const texts = slides.map(async ({ frontmatter, content }) => {
    const { src } = frontmatter as { readonly src?: string }
    return src === undefined ? [content] : await slidesOf(join(dirname(deck), src))
  })
  return (await Promise.all(texts)).flat()
}

/** The number of the first slide with something in its text, from 1. */
export async function slideWith(deck: string, piece: RegExp): Promise<number> {
  const number = (await slidesOf(deck)).findIndex((text) => piece.test(text)) + 1
  if (number === 0) throw new Error(`no slide of ${deck} has ${piece}: a test needs one`)
  return number
}
