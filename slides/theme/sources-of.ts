import { sources, type Source, type SourceGroup } from '../sources.ts'
import type { SlideOfCourse } from './plan.ts'

/** A list on a slide has at most so many lines. */
const mostLines = 5

/** What the front matter of a slide says about where its facts are from. */
export function sourcesOf(frontmatter: { readonly [name: string]: unknown }): readonly string[] {
  const { sources: ids = [] } = frontmatter
  return Array.isArray(ids) ? ids.map(String) : [String(ids)]
}

/** Under a slide: the names of its sources, and the run that gave what is measured. */
export function namesOf(frontmatter: { readonly [name: string]: unknown }): readonly string[] {
  const { measured } = frontmatter
  const names = sourcesOf(frontmatter).map((id) => find(id).name)
  return typeof measured === 'string' ? [measured, ...names] : names
}

/** What the slides use of these groups, in lists that a room can read. */
export function sourceLists(
  slides: readonly SlideOfCourse[],
  groups: readonly SourceGroup[],
): readonly { readonly title: string; readonly items: readonly Source[] }[] {
  const used = new Set(slides.flatMap(({ meta }) => sourcesOf(meta.slide?.frontmatter ?? {})))
  for (const id of used) find(id)
  return groups.flatMap((title) => {
    const items = Object.entries(sources).flatMap(([id, source]) =>
      used.has(id) && source.group === title ? [source] : [],
    )
    const lists = Math.ceil(items.length / mostLines)
    const length = Math.ceil(items.length / lists)
    return Array.from({ length: lists }, (_, list) => ({
      title,
      items: items.slice(list * length, (list + 1) * length),
    }))
  })
}

function find(id: string): Source {
  const source = Object.hasOwn(sources, id) ? sources[id] : undefined
  if (source === undefined) throw new RangeError(`there is no source "${id}"; add it to slides/sources.ts`)
  return source
}
