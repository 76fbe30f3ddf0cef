import type { Command, CommanderError } from 'commander'
import type { Context } from './context.ts'
import { CouldNotRun, exitCodes, Failure, incompleteInstallation, WrongUse } from './failure.ts'
import { didYouMean } from './suggest.ts'
import { systemFailureIn } from './system-failure.ts'

/** Says what went wrong in one or two lines, on stderr. Returns the exit code. */
export async function printFailure(error: unknown, { err }: Context): Promise<number> {
  const failure = await failureOf(error)
  if (failure.exitCode === exitCodes.done) return exitCodes.done // help and version end in this way, too
  err.line(`${err.red(err.bold('Error:'))} ${failure.message}`)
  if (failure.wayOut !== undefined) err.line(failure.wayOut)
  if (process.env['PEERLAB_DEBUG'] === '1') err.line((await import('node:util')).inspect(failure.cause ?? failure))
  return failure.exitCode
}

async function failureOf(error: unknown): Promise<Failure> {
  if (error instanceof UnknownCommand) return await withScenarioHint(error)
  return error instanceof Failure ? error : unexpected(error)
}

/** What commander found wrong, in Peerlab's words. */
export function fromCommander(error: CommanderError, command: Command): Failure {
  if (error.exitCode === 0) return new Failure(exitCodes.done, error.message)
  const name = fullName(command)
  const [unknown = ''] = command.args
  switch (error.code) {
    case 'commander.unknownCommand':
      return new UnknownCommand(unknown, command, error)
    case 'commander.help': // `help` for something that is not there, or a group of commands without one of them
      return unknown === 'help' ? new UnknownCommand(command.args[1] ?? '', command, error) : incomplete(command, error)
    default:
      return new WrongUse(inSentences(error.message), `See what it takes with: npx ${name} --help`, error)
  }
}

function incomplete(command: Command, cause: unknown): WrongUse {
  const name = fullName(command)
  const children = command.commands.map((child) => child.name()).join(', ')
  return new WrongUse(
    `"${name}" needs one of these behind it: ${children}.`,
    `See what they do with: npx ${name} --help`,
    cause,
  )
}

class UnknownCommand extends WrongUse {
  readonly word: string

  constructor(word: string, command: Command, cause: unknown) {
    const guess = didYouMean(word, [...command.commands.map((child) => child.name()), 'help'])
    super(`There is no command "${word}".${guess}`, `See all commands with: npx ${fullName(command)} --help`, cause)
    this.word = word
  }
}

/** Somebody may have left out the word run. */
async function withScenarioHint(error: UnknownCommand): Promise<Failure> {
  const { isLink, scenarios } = await import('@peerlab/engine')
  const { word, message } = error
  if (isLink(word)) return new WrongUse(message, 'To replay a link, write: npx peerlab run "<link>"', error)
  if (!scenarios.some(({ id }) => id === word)) return error
  return new WrongUse(message, `${word} is a scenario. Run it with: npx peerlab run ${word} --seed 7`, error)
}

/** `error: unknown option '--sede'\n(Did you mean --seed?)` as sentences on one line. */
function inSentences(message: string): string {
  const [what = '', guess] = message.replace(/^error: /, '').split(/\n\((Did you mean .*)\)$/)
  const sentence = what.charAt(0).toUpperCase() + what.slice(1)
  return `${sentence.replace(/\.?$/, '.')}${guess === undefined ? '' : ` ${guess}`}`
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

function unexpected(error: unknown): Failure {
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  const firstLine = message.split('\n', 1)[0] ?? ''
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return incompleteInstallation(firstLine, error)
  const system = systemFailureIn(firstLine)
  if (system !== undefined) return new CouldNotRun(system.message, system.wayOut, error)
  return new CouldNotRun(firstLine, 'Run it again with PEERLAB_DEBUG=1 set to see where this happened.', error)
}
