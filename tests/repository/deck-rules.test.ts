/** The rules of a deck, as far as they can be read from its source: what the room reads, and what the leader needs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sources, type SourceGroup } from '../../slides/sources.ts'
import { planAt } from '../../slides/theme/plan.ts'
import { sourceLists, sourcesOf } from '../../slides/theme/sources-of.ts'
import {
  countWords,
  listLengths,
  readCourse,
  readModules,
  slidesFolder,
  wordsOn,
  type Slide,
} from '../support/decks.ts'

const root = join(slidesFolder, '..')
const [modules, course] = await Promise.all([readModules(), readCourse()])

const mostWords = 60
const mostLines = 5

/** As notes begin: the minutes in words. */
const spoken: { readonly [words: string]: number } = {
  'Half a minute': 0.5,
  'One minute': 1,
  'One and a half minutes': 1.5,
  'Two minutes': 2,
  'Two and a half minutes': 2.5,
  'Three minutes': 3,
  'Five minutes': 5,
}

/** `slide 7: A title`, for each slide that breaks a rule. */
function breaking(slides: readonly Slide[], isRight: (slide: Slide) => boolean): string[] {
  return slides.filter((slide) => !isRight(slide)).map(({ no, title }) => `slide ${no}: ${title}`)
}

/** As the player's plan and the lists of sources take slides. */
const asShown = (slides: readonly Slide[]) =>
  slides.map(({ no, frontmatter }) => ({ no, meta: { slide: { frontmatter } } }))

describe.each([course, ...modules])('the slides of $id', ({ slides }) => {
  test('have a title that is a heading', () => {
    expect(breaking(slides, ({ title }) => title !== '')).toEqual([])
  })

  test(`have at most ${mostWords} words beside the title`, () => {
    expect(slides.filter((slide) => wordsOn(slide) > mostWords).map((slide) => [slide.title, wordsOn(slide)])).toEqual(
      [],
    )
  })

  test(`have lists and tables of at most ${mostLines} lines`, () => {
    expect(breaking(slides, (slide) => Math.max(0, ...listLengths(slide)) <= mostLines)).toEqual([])
  })

  test('are core or optional, and say how many minutes they take', () => {
    const isPlanned = ({ frontmatter: { tags, minutes } }: Slide): boolean =>
      (tags === 'core' || tags === 'optional') && typeof minutes === 'number' && minutes > 0
    expect(breaking(slides, isPlanned)).toEqual([])
  })

  test('have notes that begin with the same minutes', () => {
    const minutesIn = (notes: string): number => spoken[/^[A-Z][a-z ]+ minutes?(?=[ .,])/.exec(notes)?.[0] ?? ''] ?? NaN
    expect(breaking(slides, ({ notes, frontmatter }) => minutesIn(notes) === frontmatter['minutes'])).toEqual([])
  })

  test('have notes with a likely question and its answer', () => {
    expect(breaking(slides, ({ notes }) => /Likely question: "[^"]+\?" Answer: [A-Za-z]/.test(notes))).toEqual([])
  })

  test('have notes that say what to click, where there is something to click', () => {
    const hasButtons = ({ content, frontmatter }: Slide): boolean =>
      /<(?:Demo|Compare|Predict |Quiz)/.test(content) || frontmatter['clicks'] !== undefined
    const isSaid = (slide: Slide): boolean =>
      !hasButtons(slide) || /\b(?:play|press|click|type|key|arrow)/i.test(slide.notes)
    expect(breaking(slides, isSaid)).toEqual([])
  })

  test('give no component an attribute twice: the whole course would not build', () => {
    const attributesOf = (tag: string): string[] =>
      [...tag.replace(/"[^"]*"/g, '""').matchAll(/\s([:@\w-]+)=/g)].map(([, name]) => name!.replace(/^:/, ''))
    const isOnce = ({ content }: Slide): boolean =>
      [...content.matchAll(/<[A-Z](?:[^>"]|"[^"]*")*>/g)].every(([tag]) => {
        const names = attributesOf(tag)
        return new Set(names).size === names.length
      })
    expect(breaking(slides, isOnce)).toEqual([])
  })

  test('name sources that are in the list of sources', () => {
    expect(breaking(slides, ({ frontmatter }) => sourcesOf(frontmatter).every((id) => id in sources))).toEqual([])
  })

  test('say where their tables, formulas, charts and sequences come from', () => {
    const hasFigures = ({ content, layout }: Slide): boolean =>
      layout !== 'demo' && /^\||\$|<\w*(?:Chart|Curve|Sequence)\b/m.test(content)
    const isNamed = ({ frontmatter }: Slide): boolean =>
      sourcesOf(frontmatter).length > 0 || typeof frontmatter['measured'] === 'string'
    expect(breaking(slides, (slide) => !hasFigures(slide) || isNamed(slide))).toEqual([])
  })
})

describe.each(modules)('the deck $id', ({ id, folder, slides }) => {
  const notes = slides.map((slide) => slide.notes).join('\n')

  test('has 25 to 40 slides for 35 to 50 minutes', () => {
    const { all } = planAt(1, asShown(slides))!
    expect(slides.length).toBeGreaterThanOrEqual(25)
    expect(slides.length).toBeLessThanOrEqual(40)
    expect(all.of).toBeGreaterThanOrEqual(35)
    expect(all.of).toBeLessThanOrEqual(50)
  })

  test('says on its first slide which module it is', () => {
    expect(slides.map(({ frontmatter }) => frontmatter['module'])).toEqual([
      id,
      ...slides.slice(1).map(() => undefined),
    ])
  })

  test('has a plan on its first slide that adds up, part by part', () => {
    const shown = asShown(slides)
    const { all, core } = planAt(1, shown)!
    expect(slides[0]!.notes).toContain(`Everything: ${all.of}. Core only: ${core!.of}.`)
    const parts = slides.filter(({ frontmatter }) => frontmatter['part'] !== undefined).map(({ no }) => no)
    const lines = parts.map((from, index) => {
      const part = planAt(from, shown)!.part!
      const to = (parts[index + 1] ?? slides.length + 1) - 1
      const minutes = `${part.all} minutes${part.core === part.all ? '' : `, core ${part.core}`}`
      return `- ${part.name}, slides ${from} to ${to}: ${minutes}`
    })
    expect(parts[0]).toBe(1)
    for (const line of lines) expect(slides[0]!.notes).toMatch(new RegExp(`^${line}(?:$|,)`, 'm'))
  })

  test('refers to slides that it has', () => {
    const numbers = [...notes.matchAll(/\bslides? (\d+)(?:(?:,| and| to) (\d+))*/gi)].flatMap((match) => match.slice(1))
    const wanted = numbers.filter((number) => number !== undefined).map(Number)
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.filter((number) => number < 1 || number > slides.length)).toEqual([])
  })

  test('asks questions with one right answer, an explanation, and a click for each step', () => {
    const asking = slides.filter(({ questions }) => questions.length > 0)
    expect(asking.length).toBeGreaterThanOrEqual(2)
    for (const { questions, frontmatter } of asking) {
      expect(frontmatter['clicks']).toBe(2 * questions.length - 1)
      for (const { options, because } of questions) {
        expect(options.filter(({ right }) => right === true)).toHaveLength(1)
        expect(options.length).toBeLessThanOrEqual(mostLines)
        expect(countWords(because)).toBeGreaterThan(3)
      }
    }
  })

  test('has predictions with names of their own, and an answer among the options', () => {
    const predictions = slides.flatMap(({ prediction }) => prediction ?? [])
    expect(predictions.length).toBeGreaterThan(0)
    expect(new Set(predictions.map((prediction) => prediction.id)).size).toBe(predictions.length)
    for (const { options, answer } of predictions) {
      expect(options.length).toBeLessThanOrEqual(mostLines)
      expect(options[answer]).toBeDefined()
    }
  })

  test('collects every source that it uses on its last slides, in lists that a room can read', () => {
    const shown = asShown(slides)
    const listed = slides.flatMap((slide) => {
      const { content, layout, no } = slide
      if (layout !== 'sources') return []
      expect(slides.slice(no).every((later) => later.layout === 'sources')).toBe(true)
      const groups = [...content.matchAll(/'(\w+)'/g)].map(([, group]) => group as SourceGroup)
      const lists = sourceLists(shown, groups)
      const words = lists.flatMap(({ title, items }) => [title, ...items.map(({ name, about }) => `${name} ${about}`)])
      expect(countWords(words.join(' ')) + wordsOn(slide)).toBeLessThanOrEqual(mostWords)
      for (const { items } of lists) expect(items.length).toBeLessThanOrEqual(mostLines)
      return lists.flatMap(({ items }) => items.map(({ name }) => name))
    })
    const used = new Set(slides.flatMap(({ frontmatter }) => sourcesOf(frontmatter)))
    expect(new Set(listed)).toEqual(new Set([...used].map((source) => sources[source]!.name)))
  })

  test('shows code that runs and is tested, by whole methods', () => {
    const shown = slides.filter(({ layout }) => layout === 'code-demo')
    for (const { content } of shown) {
      const [, path = '', from = '', to = ''] = /^<<< (\S+) ts \{(\d+)-(\d+)\}$/m.exec(content) ?? []
      const file = join(folder, path)
      expect(existsSync(file)).toBe(true)
      expect(relative(join(root, 'engine', 'protocols'), file)).toMatch(/^[a-z-]+\.ts$/)
      const lines = readFileSync(file, 'utf8')
        .split('\n')
        .slice(Number(from) - 1, Number(to))
      expect(lines[0]).toMatch(/^ {2}[#\w]+\(.*\{$/)
      expect(lines.at(-1)).toBe('  }')
      expect(lines.slice(1, -1).filter((line) => /^ {0,2}\S/.test(line))).toEqual([])
      // The class that it exports is named in a test of the engine.
      const name = /export class (\w+) implements Protocol/.exec(readFileSync(file, 'utf8'))?.[1]
      const tests = readdirSync(join(root, 'tests', 'engine'))
        .filter((file) => file.endsWith('.test.ts'))
        .map((test) => readFileSync(join(root, 'tests', 'engine', test), 'utf8'))
      expect(tests.some((text) => new RegExp(`\\b${name}\\b`).test(text))).toBe(true)
      expect(content).toContain('<Demo ')
    }
  })
})
