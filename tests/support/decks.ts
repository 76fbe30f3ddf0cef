/** Decks as they are written: each slide's front matter, words and notes, read without a browser. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from '@slidev/parser'
import type { Prediction } from '../../slides/theme/components/prediction.ts'
import type { QuizQuestion } from '../../slides/theme/components/quiz-question.ts'

export const slidesFolder = fileURLToPath(new URL('../../slides', import.meta.url))

export interface Slide {
  /** Counted from 1 through the deck. */
  readonly no: number
  readonly title: string
  readonly layout: string
  readonly frontmatter: { readonly [name: string]: unknown }
  /** The markdown between the front matter and the notes, without scripts. */
  readonly content: string
  readonly notes: string
  /** What its `Quiz` asks. */
  readonly questions: readonly QuizQuestion[]
  /** What its `Predict` asks. */
  readonly prediction: Prediction | undefined
}

export interface Deck {
  /** The folder's name, or `course`. */
  readonly id: string
  readonly folder: string
  readonly slides: readonly Slide[]
}

/** The decks of the modules, in the order of the course. */
export async function readModules(): Promise<Deck[]> {
  const ids = readdirSync(slidesFolder).filter((name) => existsSync(join(slidesFolder, name, 'slides.md')))
  return await Promise.all(ids.sort().map((id) => readDeck(id, join(slidesFolder, id, 'slides.md'))))
}

/** The slides of the course itself, without those of the modules. */
export function readCourse(): Promise<Deck> {
  return readDeck('course', join(slidesFolder, 'course.md'))
}

/** The words that a slide shows beside its title: those of its markdown, and of what it asks at its longest moment. */
export function wordsOn({ content, questions, prediction }: Slide): number {
  const asked = questions.map(({ question, options, because }) =>
    countWords([question, ...options.map(({ text }) => text), because].join(' ')),
  )
  const predicted = prediction === undefined ? 0 : countWords([prediction.question, ...prediction.options].join(' '))
  return countWords(proseOf(content)) + Math.max(0, ...asked) + predicted
}

/** The lengths of the lists and tables in the markdown of a slide: items, and rows without the head. */
export function listLengths({ content }: Slide): number[] {
  const lengths: number[] = []
  let length = 0
  const close = (): void => {
    if (length > 0) lengths.push(length)
    length = 0
  }
  for (const line of content.split('\n')) {
    if (/^\s*(?:[-*+]|\d+[.)])\s/.test(line) || /^\|/.test(line)) length++
    // The line under a table's head is no row, and neither is the head.
    else if (line.trim() !== '') close()
    if (/^\|[\s:|-]+\|$/.test(line)) length -= 2
  }
  close()
  return lengths
}

export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}

async function readDeck(id: string, path: string): Promise<Deck> {
  const { slides } = await parse(readFileSync(path, 'utf8'), path)
  const own = slides.filter(({ frontmatter }) => frontmatter['src'] === undefined)
  const folder = dirname(path)
  return { id, folder, slides: await Promise.all(own.map((slide, index) => readSlide(folder, slide, index + 1))) }
}

async function readSlide(
  folder: string,
  slide: { readonly content: string; readonly note?: string; readonly frontmatter: Record<string, unknown> },
  no: number,
): Promise<Slide> {
  const { frontmatter, note = '' } = slide
  const content = slide.content.replace(/<script[^]*?<\/script>/g, '')
  const named = async (pattern: RegExp, file: string): Promise<unknown> => {
    const name = pattern.exec(content)?.[1]
    if (name === undefined) return undefined
    const data = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>
    if (data[name] === undefined) throw new RangeError(`slide ${no} shows "${name}", which ${file} does not export`)
    return data[name]
  }
  return {
    no,
    title: /^# (.+)$/m.exec(content)?.[1] ?? '',
    layout: typeof frontmatter['layout'] === 'string' ? frontmatter['layout'] : 'default',
    frontmatter,
    content,
    notes: note,
    questions: ((await named(/<Quiz :questions="(\w+)"/, 'quiz.ts')) ?? []) as readonly QuizQuestion[],
    prediction: (await named(/<Predict :prediction="(\w+)"/, 'predictions.ts')) as Prediction | undefined,
  }
}

/** Without the title, code, the names of slots, and tags: what stands between tags is read, their attributes are not. */
function proseOf(content: string): string {
  return content
    .replace(/^```[^]*?^```/gm, '')
    .replace(/^(?:# |<<<|::).*$/gm, '')
    .replace(/\$\$?[^$]+\$\$?/g, ' formula ')
    .replace(/<[^>]+>/g, ' ')
}
