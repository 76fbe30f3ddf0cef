import { safeLine, safeText } from '../formats/safe-text.ts'

/**
 * Text within a line of Markdown that is only text: no emphasis, link, mention, image, HTML or formula, and no end of a
 * table's cell. It must not stand at the beginning of a line, where a hyphen begins a list.
 */
export function markdownText(text: string): string {
  return safeLine(text)
    .replace(/[\\`*_{}[\]<>()#+!|~&@/:$^]/g, (character) => `\\${character}`)
    .replace(/\b(www)\./gi, '$1\\.')
}

/** Lines as they are, whatever they hold: behind a fence that is longer than every row of backticks in them. */
export function markdownBlock(text: string): string {
  const safe = safeText(text)
  const longest = Math.max(2, ...[...safe.matchAll(/`+/g)].map(([row]) => row.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${safe.replace(/\n*$/, '')}\n${fence}`
}
