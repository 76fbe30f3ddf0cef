import { Command, type Help } from 'commander'
import type { Context } from '../context.ts'
import { WrongUse } from '../failure.ts'
import type { MergeRequest } from '../sweep/merge-sweeps.ts'
import type { SweepRequest } from '../sweep/read-sweep.ts'

export function sweepCommand(context: Context): Command {
  const sweep = new Command('sweep')
    .description('run a scenario with many values and seeds, on all cores')
    .usage(
      '<scenario> --set <name=values> --seeds <seeds> --out <file> [options]\n       peerlab sweep merge <file...> [options]',
    )
    .argument('[scenario]', 'the id of a scenario')
    .option('--set <name=values>', 'a parameter and its values, see below; several give all combinations', collect)
    .option('--seeds <seeds>', 'each combination runs with each of them: 1..200 or 1,5,9')
    .option('--out <file>', 'one line of JSON for each run; where there are some, the sweep goes on')
    .option('--shard <i/n>', 'make only this part of the runs: 2/5 is the second of five')
    .option('--jobs <n>', 'how many runs at a time; default: as many as this computer can')
    .option('--max-events <n>', 'a run that is not over after so many counts as endless; default: 1000000000')
    .option('--dry-run', 'say what would be run, and touch nothing')
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
Values are one (fanout=3), a list (topology=ring,star), a range with step 1 (fanout=1..10), or a range with another
step (loss=0..0.5:0.1). A list may hold ranges.

Started again with the same file, a sweep makes only what is missing, however it was ended. More seeds or values may
be added. A line is {scenario, seed, parameters, version, fingerprint, time, events, messages, measures}, as of
"peerlab run --json" with the engine's version, or {scenario, seed, parameters, version, error}. Lines come in any
order; the line of a run is always the same.

Exit codes: 1 when runs failed, 130 when stopped by Ctrl+C; otherwise as of every command.

${context.out.bold('Examples:')}
  npx peerlab sweep gossip --set fanout=1..6 --seeds 1..50 --out sweep.jsonl
  npx peerlab sweep gossip --set fanout=1..6 --set loss=0..0.3:0.1 --seeds 1..200 --shard 2/5 --out shard-2.jsonl
  npx peerlab sweep merge sweep.jsonl`,
    )
    .action(
      async (scenario: string | undefined, options: Omit<SweepRequest, 'scenario' | 'excess'>, command: Command) => {
        const { runSweep } = await import('../sweep/run-sweep.ts')
        await runSweep(context, { ...options, scenario, excess: command.args.slice(1) })
      },
    )
  sweep.addCommand(mergeCommand(context))
  return sweep
}

/** commander has the options of `sweep` as global ones of what stands below it, though they mean nothing there. */
class MergeCommand extends Command {
  override createHelp(): Help {
    const help = super.createHelp()
    const { visibleGlobalOptions } = help
    const strange = this.parent?.options ?? []
    help.visibleGlobalOptions = (command) =>
      visibleGlobalOptions.call(help, command).filter((option) => !strange.includes(option))
    return help
  }
}

function mergeCommand(context: Context): Command {
  return new MergeCommand('merge')
    .description('show what came out of a sweep: means with confidence intervals')
    .usage('<file...> [options]')
    .argument('<file...>', 'what sweeps have written with --out: one file, or those of all shards')
    .option(
      '--by <parameter>',
      'tell apart by this parameter, and repeat it for more: the first goes to the right in a plot; default: all that vary',
      collect,
    )
    .option('--measure <name>', 'show this measure; repeat it for more; default: those that fit', collect)
    .option('--out-csv <file>', 'write all measures as a table for spreadsheets')
    .option('--plot <file.svg>', 'draw the means with their intervals')
    .option('--json', 'print an object for programs')
    .addHelpText(
      'after',
      `
A run that is there more than once counts once; two that contradict each other are refused. A measure that a run did
not reach is in no mean, and counted on its own. Runs that other points have and one has not are named.

The interval is mean ± t · s / √n, with the standard deviation s of the n runs and Student's t for n - 1 degrees of
freedom; for n = 1 there is none.

${context.out.bold('Examples:')}
  npx peerlab sweep merge sweep.jsonl
  npx peerlab sweep merge shard-*.jsonl --measure coverage --measure time95 --out-csv sweep.csv --plot sweep.svg`,
    )
    .action(async (files: readonly string[], options: Omit<MergeRequest, 'files'>, command: Command) => {
      // Options of the sweep itself are taken by it, wherever they stand.
      const sweep = command.parent!
      const stray = sweep.options.find((option) => sweep.getOptionValue(option.attributeName()) !== undefined)
      if (stray !== undefined) {
        throw new WrongUse(
          `merge has no option ${stray.long}: that belongs to the sweep itself.`,
          'See what it takes with: npx peerlab sweep merge --help',
        )
      }
      const { mergeSweeps } = await import('../sweep/merge-sweeps.ts')
      await mergeSweeps(context, { ...options, files })
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
