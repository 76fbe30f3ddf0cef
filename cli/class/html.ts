import { safeText } from '../formats/safe-text.ts'

/** Text that is markup already. Only {@link html} makes it, so what is not one is escaped wherever it comes from. */
class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type { Markup }

type Value = string | number | Markup | null | undefined | readonly Markup[]

/**
 * A piece of an HTML page: html`<p title="${name}">${text}</p>`. Whatever stands in ${} is escaped, for elements and for
 * attributes in quotes, unless it was made in this way itself. Control characters and those that turn lines around go.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(strings.map((text, i) => text + markupOf(values[i])).join(''))
}

function markupOf(value: Value): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escapeHtml(value)
  return value.map(({ text }) => text).join('')
}

/** For the text of elements, and for attributes in quotes of either kind. */
export function escapeHtml(text: string): string {
  return safeText(text).replace(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`)
}
