import { Command } from 'commander'
import type { Context } from '../context.ts'
import type { RunRequest } from '../run/run-scenario.ts'

export function runCommand(context: Context): Command {
  return new Command('run')
    .description('run a scenario, or replay a link')
    .usage('<scenario> --seed <number> [options]\n       peerlab run "<link>" [options]')
    .argument('[scenario]', 'the id of a scenario, or a link that begins with peerlab: (put it in quotes)')
    .option('--seed <number>', 'where all randomness comes from: a whole number from 0; same seed, same run')
    .option('--set <name=value>', 'change a parameter; repeat it for more, each parameter once', collect)
    .option('--until <ms>', 'stop at this virtual time')
    .option('--lab <id>', "run your own file of this lab instead of the scenario's protocol")
    .option('--check', 'run it twice more, compare everything that happens, and name the first difference')
    .option('--why <node[:rumor]>', 'explain why a node has a rumor, or misses it')
    .option('--json', 'print an object for programs')
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
A link carries its own seed and parameters, so --seed and --set are refused beside it.

The JSON is {scenario, seed, parameters, fingerprint, time, events, messages, measures, wallSeconds, rssBytes}:
  time         virtual time of the last event, in ms
  events       how many events were handled
  messages     how many packets were sent
  measures     null where a value was not reached
  wallSeconds  real time, without the set-up
  rssBytes     memory of the process at the end
With --check it also has check: {passed, difference}. The difference is null, or {event, time, node, kind, first,
second, likelyCause}.

${context.out.bold('Examples:')}
  npx peerlab run gossip --seed 7
  npx peerlab run gossip --seed 7 --set fanout=2 --set loss=0.1
  npx peerlab run "peerlab:gossip?seed=7&fanout=2"`,
    )
    .action(async (what: string | undefined, options: Omit<RunRequest, 'what' | 'excess'>, command: Command) => {
      const { runScenario } = await import('../run/run-scenario.ts')
      await runScenario(context, { ...options, what, excess: command.args.slice(1) })
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
