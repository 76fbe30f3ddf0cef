import { Command } from 'commander'
import type { Context } from '../context.ts'
import type { SweepRequest } from '../sweep/read-sweep.ts'

export function sweepCommand(context: Context): Command {
  return new Command('sweep')
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
"peerlab run --json", or {scenario, seed, parameters, version, error}. The lines come in any order; each is always the same.

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
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
