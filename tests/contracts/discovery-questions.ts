import type { Address, RunSpec } from '@peerlab/engine'
import type { SubjectFactory } from './contract.ts'
import { discoveryEvidence, type Book, type DiscoveryEvidence } from './discovery-evidence.ts'
import { gather } from './evidence.ts'
import { aboutRun, chainInWords, type Asked, type Question } from './questions.ts'

/** Questions on a run in which newcomers come while a third of the listed nodes is gone. */
export async function discoveryQuestions(subject: SubjectFactory, seed: number): Promise<readonly Question[]> {
  const parameters = { size: 24, gone: 0.3, joining: 8000, duration: 20_000 }
  const spec: RunSpec = { scenario: 'bootstrap', seed, parameters }
  const evidence = discoveryEvidence(gather(spec, await subject(), 'Discovery'))
  if (evidence.failure !== undefined) return []
  const asked = [whoNamed(evidence), callsInVain(evidence), connectionsAtTheEnd(evidence)]
  return asked.includes(undefined) ? [] : aboutRun(spec, '02-discovery', asked)
}

/** A node that called a peer of which somebody had told it. */
function whoNamed(evidence: DiscoveryEvidence): Asked | undefined {
  for (const [node, { held }] of honest(evidence)) {
    for (const [peer, { isOutgoing }] of held) {
      const first = [...evidence.trace.events()].find(
        ({ kind, node: at, subject }) =>
          kind === 'message' && at === node && peersIn(subject).some((each) => evidence.nodeAt(each) === peer),
      )
      if (!isOutgoing || first === undefined || evidence.roles[peer] === 'bootnode') continue
      return {
        id: 'who-named',
        text: `At the end node ${node} has a connection to node ${peer}, which it called. Which node told it of node ${peer} first?`,
        answer: String(first.peer),
        because: chainInWords(evidence, first.number),
      }
    }
  }
  return undefined
}

function callsInVain(evidence: DiscoveryEvidence): Asked {
  const { sent, roles, isJudged } = evidence
  const calls = sent.filter(
    ({ from, to, message }) => isJudged(from) && message.type === 'hello' && roles[to] === 'gone',
  )
  const [first] = calls
  return {
    id: 'calls-in-vain',
    text: 'How many hellos of all nodes together went to a node that is gone?',
    answer: String(calls.length),
    because:
      first === undefined
        ? 'nobody called one'
        : `the first: node ${first.from} called node ${first.to} at ${Number(first.time.toFixed(1))} ms`,
  }
}

function connectionsAtTheEnd(evidence: DiscoveryEvidence): Asked | undefined {
  const [busiest] = honest(evidence).sort(([, a], [, b]) => b.held.size - a.held.size)
  if (busiest === undefined) return undefined
  const [node, { held }] = busiest
  const own = [...held.values()].filter(({ isOutgoing }) => isOutgoing).length
  return {
    id: 'connections',
    text: `How many connections does node ${node} have at the end, those that others opened included?`,
    answer: String(held.size),
    because: `it opened ${own}, and others ${held.size - own}`,
  }
}

function honest({ books, isCounted }: DiscoveryEvidence): [node: number, book: Book][] {
  return [...books].filter(([node]) => isCounted(node))
}

function peersIn(subject: unknown): readonly Address[] {
  const { type, peers } = subject as { readonly type?: unknown; readonly peers?: unknown }
  return (type === 'peers' || type === 'full') && Array.isArray(peers) ? (peers as Address[]) : []
}
