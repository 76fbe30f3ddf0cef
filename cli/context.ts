import { Output } from './output.ts'

/** What every command gets. */
export interface Context {
  /** `--plain`: for screen readers. No colour, no drawings, no line that is written over; words instead of symbols. */
  readonly plain: boolean
  /** What was asked for. */
  readonly out: Output
  /** Errors, progress and remarks: what must not get into a file or a pipe. */
  readonly err: Output
}

/** `--plain` may stand anywhere and holds for complaints about the other options as well, so it is looked for first. */
export function createContext(argv: readonly string[]): Context {
  const plain = argv.includes('--plain')
  return { plain, out: new Output(process.stdout, plain), err: new Output(process.stderr, plain) }
}
