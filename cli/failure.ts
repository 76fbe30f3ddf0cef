/** What the exit code of the command means. */
export const exitCodes = { done: 0, checksFailed: 1, wrongUse: 2, couldNotRun: 3 } as const

/** Ends the command with a message for people and no stack trace. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
  readonly exitCode: number
  /** What to do about it, on a line of its own. */
  readonly wayOut: string | undefined

  constructor(exitCode: number, message: string, wayOut?: string, cause?: unknown) {
    super(message, { cause })
    this.exitCode = exitCode
    this.wayOut = wayOut
  }
}

/** The command was asked for something that it does not have or cannot take. */
export class WrongUse extends Failure {
  override readonly name = 'WrongUse'

  constructor(message: string, wayOut?: string, cause?: unknown) {
    super(exitCodes.wrongUse, message, wayOut, cause)
  }
}

/** The command was used well, but something that it needs is missing or broke. */
export class CouldNotRun extends Failure {
  override readonly name = 'CouldNotRun'

  constructor(message: string, wayOut?: string, cause?: unknown) {
    super(exitCodes.couldNotRun, message, wayOut, cause)
  }
}

/** A package is missing. `what` says which, in Node's words. */
export function incompleteInstallation(what: string, cause?: unknown): CouldNotRun {
  return new CouldNotRun(
    `The installation is not complete: ${what}`,
    'Run "npm ci" in the folder of Peerlab and try again.',
    cause,
  )
}
