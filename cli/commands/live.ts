import { Command } from 'commander'
import type { Context } from '../context.ts'
import type { LiveRequest } from '../live/read-live.ts'

export function liveCommand(context: Context): Command {
  return new Command('live')
    .description('run the same protocol file on real connections: js-libp2p nodes in this process')
    .usage('<scenario> [options]')
    .argument('[scenario]', 'the id of a scenario; so far gossip')
    .option('--nodes <number>', 'how many nodes: 2 to 200; without it 20')
    .option('--seed <number>', 'decides the graph, the publisher and what the nodes draw; without it, any')
    .option('--set <name=value>', 'change a parameter; repeat it for more, each parameter once', collect)
    .option('--lab <id>', "run your own file of this lab instead of the scenario's protocol")
    .option('--json', 'print an object for programs')
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
The nodes listen on 127.0.0.1, on ports that the system gives, and are connected as in the simulator with the same
seed (TCP, Noise, Yamux). Then the same run is made in the simulator, with the latency that was measured, and both are
shown. Two live runs are never quite the same.

Messages take what they take, unless you set the latency (--set latency=50): then each is held back as the simulator
would. --set loss=0.1 loses messages on purpose.

The JSON is {scenario, seed, parameters, nodes, connections, reason, time, events, latency, measured, simulated, refused,
checks}:
  reason       why it ended: idle (nothing left to do), over (all know), time (its duration), storm (too much)
  time         of the last event since the start, in ms
  latency      {mean, least, most, held} of messages while the rumor spread, in ms
  measured     the measures on real connections; simulated has those of the simulator
  refused      frames that were no message
  checks       a list of {title, passed}, with expected and happened where it failed

Exit codes: 1 when a check failed, 130 when stopped by Ctrl+C; otherwise as of every command.

${context.out.bold('Examples:')}
  npx peerlab live gossip --nodes 20
  npx peerlab live gossip --nodes 50 --seed 7 --set fanout=2 --set style=gossip
  npx peerlab live gossip --lab 03-gossip`,
    )
    .action(async (what: string | undefined, options: Omit<LiveRequest, 'what' | 'excess'>, command: Command) => {
      const { runLiveCommand } = await import('../live/run-live.ts')
      await runLiveCommand(context, { ...options, what, excess: command.args.slice(1) })
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
