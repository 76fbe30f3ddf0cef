import { stepsTo, toLink, type RunSpec, type Step } from '@peerlab/engine'
import type { Evidence } from './evidence.ts'

/** Something to find out about a run of one's own code. Its answer was computed from what happened there. */
export interface Question {
  /** Names it within its lab, in kebab case. */
  readonly id: string
  readonly text: string
  /** What there is to choose from; without them the answer is a number. */
  readonly options?: readonly string[]
  /** A number in digits, or one of the options. */
  readonly answer: string
  /** What shows it, for whoever wants to know why. */
  readonly because: string
  /** The run that it is about. */
  readonly replay: string
}

/** The parts of a question that are not the same for all questions on one run. */
export type Asked = Omit<Question, 'replay'>

/** Adds the link to the run, which the code under judgement has made. */
export function aboutRun(spec: RunSpec, lab: string, asked: readonly (Asked | undefined)[]): readonly Question[] {
  const replay = toLink({ ...spec, lab })
  return asked.filter((question) => question !== undefined).map((question) => ({ ...question, replay }))
}

/** What led to an event, as one sentence. */
export function chainInWords({ trace }: Evidence, event: number): string {
  return stepsTo(trace, event).map(stepInWords).join('; ')
}

function stepInWords({ time, node, text }: Step): string {
  return `at ${Number(time.toFixed(1))} ms ${node < 0 ? '' : `node ${node} `}${text}`
}

/** Whether an answer that somebody typed is the right one: case and spaces do not matter, nor `3.0` for `3`. */
export function isRight({ answer, options }: Question, given: string): boolean {
  const text = given.trim().toLowerCase()
  if (options === undefined) return text !== '' && Number(text.replace(',', '.')) === Number(answer)
  const byLetter = options[text.length === 1 ? text.charCodeAt(0) - 'a'.charCodeAt(0) : -1]
  return (byLetter ?? text).toLowerCase() === answer.toLowerCase()
}
