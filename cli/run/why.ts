import { explainRumor, Trace, type Run } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { WrongUse } from '../failure.ts'
import { formatMillis } from '../format.ts'

/** What `--why` asks for: why a node has a rumor, or misses it. */
export interface WhyQuestion {
  readonly node: number
  /** Left out: the rumor that was published last. */
  readonly rumor: string | undefined
}

/** Reads `14` or `14:m0`. */
export function readWhy(text: string | undefined): WhyQuestion | undefined {
  if (text === undefined) return undefined
  const [, node, rumor] = /^(\d+)(?::(.+))?$/.exec(text.trim()) ?? []
  if (node !== undefined) return { node: Number(node), rumor }
  throw new WrongUse(`--why cannot be "${text}".`, 'Give it a node, or a node and a rumor: --why 14 or --why 14:m0')
}

/** Answers from the trace: the way that the rumor came, or the drop or the choice that broke it. */
export function printWhy({ out }: Context, run: Run, trace: Trace, { node, rumor }: WhyQuestion): void {
  const { simulation } = run.session
  if (node >= simulation.size) {
    throw new WrongUse(`--why cannot be about node ${node}.`, `This network has the nodes 0 to ${simulation.size - 1}.`)
  }
  const id = rumor ?? lastPublished(trace)
  out.line()
  if (id === undefined) {
    out.line('Nothing was published in this run, so there is nothing to explain.')
    return
  }
  const { answer, steps } = explainRumor(trace, simulation.topology, node, id)
  out.line(out.bold(`Why? ${answer.charAt(0).toUpperCase()}${answer.slice(1)}.`))
  for (const step of steps) out.line(`  ${formatMillis(step.time).padStart(12)}  node ${step.node} ${step.text}`)
}

/** The nodes that are still in the scenario's first state, where they are few enough to be named. */
export function printLeftBehind({ out }: Context, { scenario, world, session }: Run): void {
  const [first] = scenario.states
  const { size } = session.simulation
  // What --why explains is a rumor: elsewhere nobody is left out by one.
  if (first === undefined || size > 10_000 || !Object.hasOwn(scenario.actions, 'publish')) return
  const left = Array.from({ length: size }, (_, node) => node).filter((node) => world.state(node) === first.id)
  if (left.length === 0 || left.length === size) return
  const named = left.slice(0, 12).join(', ')
  const more = left.length > 12 ? ` and ${left.length - 12} more` : ''
  out.line(`Nodes that ${first.label.replace('has', 'have')}: ${named}${more}. Ask why with --why ${left[0]}`)
}

function lastPublished(trace: Trace): string | undefined {
  let id: string | undefined
  for (const { kind, subject } of trace.events()) {
    const command = (kind === 'command' ? subject : {}) as { readonly type?: string; readonly id?: string }
    if (command.type === 'publish') id = command.id
  }
  return id
}
