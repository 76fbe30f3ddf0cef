import { createReadStream } from 'node:fs'

/** No line of a sweep comes near it; a file of another kind may have no line breaks at all. */
const maxLineBytes = 1 << 20

/** What is left of a file behind its last line break. */
export interface Tail {
  /** Where it begins: the length in bytes of all whole lines. */
  readonly start: number
  readonly text: string
}

export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
}

/** Reads a file of any size line by line, numbered from 1. Throws what the system says, and for an endless line. */
export async function eachLine(
  path: string,
  onLine: (text: string, number: number) => void,
  signal?: AbortSignal,
): Promise<Tail> {
  let number = 0
  let start = 0
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted()
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      onLine(bytes.toString('utf8', from, end), ++number)
      from = end + 1
    }
    start += from
    rest = bytes.subarray(from)
    if (rest.length > maxLineBytes) throw new LineTooLong(`line ${number + 1} has over ${maxLineBytes} bytes`)
  }
  return { start, text: rest.toString('utf8') }
}
