import { readSync, writeSync } from 'node:fs'

/** Somebody spoke when it was not their turn, or without end. */
export class ChannelAbused extends Error {
  override readonly name = 'ChannelAbused'
}

/** No reply is longer, in bytes: a handler may do 10,000 things, and that fits. */
export const maxLength = 16 << 20

const newline = 10

/** Lines of text over two blocking descriptors, one question and one answer at a time. */
export class LineChannel {
  readonly #input: number
  readonly #output: number
  readonly #chunk = Buffer.allocUnsafe(1 << 16)

  constructor({ input, output }: { readonly input: number; readonly output: number }) {
    this.#input = input
    this.#output = output
  }

  /** Waits for the next line. Undefined when the other side is gone. */
  read(): string | undefined {
    const parts: Buffer[] = []
    for (let length = 0; ;) {
      const count = this.#readChunk()
      if (count === 0) return undefined
      length += count
      const part = this.#chunk.subarray(0, count)
      const end = part.indexOf(newline)
      if (end >= 0 && end < count - 1) throw new ChannelAbused('it said more than it was asked for')
      if (length > maxLength) throw new ChannelAbused(`it said more than ${maxLength} bytes at once`)
      if (end < 0) {
        parts.push(Buffer.from(part))
        continue
      }
      if (parts.length === 0) return part.toString('utf8', 0, end)
      return Buffer.concat([...parts, part.subarray(0, end)]).toString()
    }
  }

  /** False when the other side is gone. */
  write(line: string): boolean {
    const bytes = Buffer.from(`${line}\n`)
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#output, bytes, at)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false
      throw error
    }
  }

  #readChunk(): number {
    try {
      return readSync(this.#input, this.#chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EOF') return 0
      throw error
    }
  }
}
