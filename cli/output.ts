import { styleText } from 'node:util'
import type { WriteStream } from 'node:tty'

/** What node:process calls its stdout and stderr: a terminal, a file or a pipe. */
export type Stream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** A stream for people: whole lines, and colour where it is seen and wanted. */
export class Output {
  readonly #stream: Stream
  readonly #hasColour: boolean
  /** A person looks at it as it is written, so a line may be written over. Never with `--plain`. */
  readonly isLive: boolean
  readonly isTerminal: boolean

  constructor(stream: Stream, plain: boolean) {
    this.#stream = stream
    this.isTerminal = stream.isTTY === true
    this.isLive = this.isTerminal && !plain && process.env['TERM'] !== 'dumb'
    this.#hasColour = this.isLive && (process.env['NO_COLOR'] ?? '') === ''
  }

  get hasColour(): boolean {
    return this.#hasColour
  }

  /** The width in characters; 80 where it is not known. */
  get columns(): number {
    return this.#stream.columns || 80 // some terminals say 0
  }

  write(text: string): void {
    this.#stream.write(text)
  }

  line(text = ''): void {
    this.#stream.write(`${text}\n`)
  }

  bold = (text: string): string => this.#paint('bold', text)
  dim = (text: string): string => this.#paint('dim', text)
  red = (text: string): string => this.#paint('red', text)
  green = (text: string): string => this.#paint('green', text)
  yellow = (text: string): string => this.#paint('yellow', text)
  cyan = (text: string): string => this.#paint('cyan', text)

  #paint(colour: Colour, text: string): string {
    return this.#hasColour ? styleText(colour, text, { validateStream: false }) : text
  }
}
