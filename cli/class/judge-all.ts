import type { Key } from '../grading/key.ts'
import type { LabReport } from '../grading/report.ts'
import type { Judge, JudgeRequest } from './judge.ts'

/** What is to be judged. */
export type Part = Omit<JudgeRequest, 'signal'>

export interface JudgingOptions {
  readonly makeJudge: (key: Key | undefined) => Judge
  readonly key: Key | undefined
  /** How many judges there are; each judges one part at a time. */
  readonly jobs: number
  /** Gives everything up. */
  readonly signal: AbortSignal
}

/** How long a judge may take for one part before it counts as broken, and to give up when it is told to, in ms. */
const patience = { part: 900_000, stop: 5000 }

/**
 * Judges the parts, in order, so many at the same time. A part whose judge breaks, or says nothing at all, is answered
 * with the error, and the next one gets a new judge. What the listener throws ends everything. Once it is given up,
 * nothing is answered any more: what a judge says then is not whole.
 */
export async function judgeAll<T extends Part>(
  parts: readonly T[],
  options: JudgingOptions,
  onAnswer: (part: T, answer: LabReport | Error) => void,
): Promise<void> {
  const broken = new AbortController()
  const signal = AbortSignal.any([options.signal, broken.signal])
  const left = parts[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    let judge = options.makeJudge(options.key)
    try {
      for (let next = left.next(); next.done !== true && !signal.aborted; next = left.next()) {
        const answer = await answerOf(judge, { ...next.value, signal })
        if (signal.aborted) return
        if (answer instanceof Error) {
          await closed(judge)
          judge = options.makeJudge(options.key)
        }
        onAnswer(next.value, answer)
      }
    } catch (error) {
      broken.abort()
      throw error
    } finally {
      await closed(judge)
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.jobs, parts.length) }, worker))
}

async function answerOf(judge: Judge, request: JudgeRequest): Promise<LabReport | Error> {
  const { signal } = request
  let timer: NodeJS.Timeout | undefined
  let hurry = (): void => undefined
  const silence = new Promise<Error>((resolve) => {
    const wait = (millis: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => resolve(new Error(`the judge said nothing for ${millis / 1000} s`)), millis)
    }
    wait(patience.part)
    hurry = () => wait(patience.stop)
  })
  signal.addEventListener('abort', hurry)
  try {
    return await Promise.race([judge.judge(request), silence])
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    signal.removeEventListener('abort', hurry)
    clearTimeout(timer)
  }
}

/** A judge that cannot even be closed harms nobody: it goes with this process. */
async function closed(judge: Judge): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience.stop)))
  await Promise.race([judge.close().catch(() => undefined), enough])
  clearTimeout(timer)
}
