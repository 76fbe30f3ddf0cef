import { Command } from 'commander'
import { classCommand } from './commands/class.ts'
import { courseCommand } from './commands/course.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { gradeCommand } from './commands/grade.ts'
import { labCommand } from './commands/lab.ts'
import { liveCommand } from './commands/live.ts'
import { openCommand } from './commands/open.ts'
import { runCommand } from './commands/run.ts'
import { scenariosCommand } from './commands/scenarios.ts'
import { startCommand } from './commands/start.ts'
import { sweepCommand } from './commands/sweep.ts'
import { createContext, type Context } from './context.ts'
import { exitCodes } from './failure.ts'
import manifest from './package.json' with { type: 'json' }
import { fromCommander, printFailure } from './print-failure.ts'

/**
 * The `peerlab` command. Returns the exit code. A command is registered by one line here; its file in commands/ stays
 * small and imports what is heavy only when it is called, so that help and mistakes answer at once.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const context = createContext(argv)
  endQuietlyOnBrokenPipe()
  const program = createProgram(context)
  program.addCommand(startCommand(context))
  program.addCommand(openCommand(context))
  program.addCommand(scenariosCommand(context))
  program.addCommand(runCommand(context))
  program.addCommand(sweepCommand(context))
  program.addCommand(liveCommand(context))
  program.addCommand(labCommand(context))
  program.addCommand(gradeCommand(context))
  program.addCommand(classCommand(context))
  program.addCommand(courseCommand(context))
  program.addCommand(exportCommand(context))
  program.addCommand(doctorCommand(context))
  settle(program, context)
  try {
    if (argv.every((argument) => argument === '--plain')) program.outputHelp()
    else await program.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    return await printFailure(error, context)
  }
}

function createProgram(context: Context): Command {
  return new Command('peerlab')
    .usage('<command> [options]')
    .description('Peerlab: learn peer-to-peer networking by running it.')
    .version(manifest.version, '-V, --version', 'print the version')
    .option('--plain', 'for screen readers: no colour, no drawings, words instead of symbols')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText(
      'after',
      `
${context.out.bold('Examples:')}
  npx peerlab start                  open the course in the browser
  npx peerlab run gossip --seed 7    run a scenario here
  npx peerlab run --help             show what a command can do

Exit codes: 0 done, 1 checks failed, 2 wrong use, 3 could not run.`,
    )
}

/** Gives a command and those below it the same manners: commander hands settings down only to those that it makes. */
function settle(command: Command, context: Context): void {
  command
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: true, styleTitle: context.out.bold })
    .configureOutput({
      getOutHasColors: () => context.out.hasColour,
      getErrHasColors: () => context.err.hasColour,
      // printFailure says what is wrong, in two lines and not with the whole help.
      outputError: () => {},
      writeErr: () => {},
    })
    .exitOverride((error) => {
      throw fromCommander(error, command)
    })
  for (const child of command.commands) settle(child, context)
}

/** A reader that has seen enough (`| head`) is no error. */
function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit()
      throw error
    })
  }
}
