import { createHash } from 'node:crypto'

/** Names that Windows keeps for devices, with any ending. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/
const plain = /^[a-z0-9][a-z0-9_-]{0,59}$/
/** What only this function makes: an id that looks like it gets its own. */
const hashed = /-[0-9a-f]{16}$/

/**
 * The name of a student's files, without an ending. A plain id is its own name; any other is what is plain in it and a
 * hash of the whole, so that no two ids share a name, on file systems that take a and A for the same letter either.
 */
export function fileNameOf(id: string): string {
  if (plain.test(id) && !reserved.test(id) && !hashed.test(id)) return id
  const readable = id
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  const hash = createHash('sha256').update(id.toWellFormed()).digest('hex').slice(0, 16)
  return `${readable === '' ? 'student' : readable}-${hash}`
}
