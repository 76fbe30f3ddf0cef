import { exitCodes } from '../failure.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** What ended a work before its time: a signal, or another process that has taken its lock. */
export type Stop = (typeof signals)[number] | 'lock'

/** Ctrl-C, a scheduler whose time is up, a terminal that is closed. */
export class StopSignals {
  readonly #controller = new AbortController()
  readonly #handlers = signals.map((name) => [name, () => this.now(name)] as const)
  by: Stop | undefined = undefined

  constructor() {
    for (const [name, handler] of this.#handlers) process.on(name, handler)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  now(by: Stop): void {
    this.by ??= by
    this.#controller.abort()
  }

  end(): void {
    for (const [name, handler] of this.#handlers) process.removeListener(name, handler)
  }
}

/** As shells and schedulers have it: 128 and the number of the signal. */
export function exitCodeOf(stop: Stop | undefined): number {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, lock: exitCodes.couldNotRun }[stop ?? 'lock']
}
