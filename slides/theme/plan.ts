/**
 * The plan of a deck, read from its slides' front matter: `module` on a deck's first slide, `minutes` and `tags` (core
 * or optional) on each, `part` where a part begins. Nothing here knows a file or a clock, so it is the same in the
 * development server, in the built site and in tests.
 */

/** The part of a slide that is used here, as Slidev's navigation hands it out. */
export interface SlideOfCourse {
  /** Counted from 1 through everything that is presented. */
  readonly no: number
  readonly meta: { readonly slide?: { readonly frontmatter?: { readonly [name: string]: unknown } } }
}

/** Minutes from where a slide begins to where it ends, and of all that is shown. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly of: number
}

export interface SlidePlan {
  /** Counted from 1 through the slide's own deck. */
  readonly number: number
  readonly minutes: number
  readonly isOptional: boolean
  /** Where everything is shown. */
  readonly all: Span
  /** Where optional slides are left out; undefined for these. */
  readonly core: Span | undefined
  /** The part that the slide belongs to, and its minutes, all and without optional slides. */
  readonly part: { readonly name: string; readonly all: number; readonly core: number } | undefined
}

/** The number of a module's first slide; undefined where its deck is not presented. */
export function firstSlideOf(module: string, slides: readonly SlideOfCourse[]): number | undefined {
  return slides.find((slide) => frontmatterOf(slide)['module'] === module)?.no
}

/** The slides of the deck that a slide belongs to, in their order. */
export function deckOf(no: number, slides: readonly SlideOfCourse[]): readonly SlideOfCourse[] {
  const entries = readEntries(slides)
  const module = entries.find((entry) => entry.no === no)?.module
  return slides.filter((_, index) => entries[index]!.module === module)
}

/** The plan around a slide of the deck that it belongs to. Undefined where there is no such slide. */
export function planAt(no: number, slides: readonly SlideOfCourse[]): SlidePlan | undefined {
  const entries = readEntries(slides)
  const here = entries.find((entry) => entry.no === no)
  if (here === undefined) return undefined
  const deck = entries.filter(({ module }) => module === here.module)
  const core = deck.filter(({ isOptional }) => !isOptional)
  const part = deck.filter((entry) => entry.part === here.part)
  return {
    number: deck.indexOf(here) + 1,
    minutes: here.minutes,
    isOptional: here.isOptional,
    all: spanOf(here, deck),
    core: here.isOptional ? undefined : spanOf(here, core),
    part:
      here.part === ''
        ? undefined
        : { name: here.part, all: sum(part), core: sum(part.filter(({ isOptional }) => !isOptional)) },
  }
}

interface Entry {
  readonly no: number
  readonly module: string
  readonly part: string
  readonly minutes: number
  readonly isOptional: boolean
}

function readEntries(slides: readonly SlideOfCourse[]): Entry[] {
  let [module, part] = ['', '']
  return slides.map((slide) => {
    const { module: begins, part: opens, minutes, tags } = frontmatterOf(slide)
    if (typeof begins === 'string') [module, part] = [begins, '']
    if (typeof opens === 'string') part = opens
    return { no: slide.no, module, part, minutes: Number(minutes ?? 0), isOptional: tags === 'optional' }
  })
}

function spanOf(here: Entry, shown: readonly Entry[]): Span {
  const from = sum(shown.filter(({ no }) => no < here.no))
  return { from, to: from + here.minutes, of: sum(shown) }
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, { minutes }) => total + minutes, 0)
}

function frontmatterOf({ meta }: SlideOfCourse): { readonly [name: string]: unknown } {
  return meta.slide?.frontmatter ?? {}
}
