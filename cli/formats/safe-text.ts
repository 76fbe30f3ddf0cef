/**
 * Text for the reports that other programs read. Messages quote the code under judgement, so whoever wrote that chooses
 * the characters: none of them may move a cursor, end an element or turn a line around.
 */

/** Escape sequences of terminals, whole: with the escape character alone, their rest would stay as rubbish. */
const terminalSequences = /(?![\t\n])\p{Cc}(?:\[[0-?]*[ -/]*[@-~]|\]\P{Cc}*(?![\t\n])\p{Cc}\\?)/gu

/** C0 and C1 without tab and line feed, what XML 1.0 has no place for, and what changes the direction of writing. */
const unwanted = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu

/** Text that is safe to show: line feeds and tabs stay, other control characters go, half a character becomes U+FFFD. */
export function safeText(text: string): string {
  return text.toWellFormed().replace(terminalSequences, '').replace(/\r\n?/g, '\n').replace(unwanted, '')
}

/** At most `length` UTF-16 code units. Says that something was cut; never ends in half a character. */
export function cutText(text: string, length: number, mark = ' […]'): string {
  if (text.length <= length) return text
  return `${text.slice(0, Math.max(0, length - mark.length)).replace(/[\ud800-\udbff]$/, '')}${mark}`.slice(0, length)
}

/** One line, for titles and names. */
export function safeLine(text: string, length = 200): string {
  return cutText(safeText(text).replace(/\s+/g, ' ').trim(), length, '…')
}
