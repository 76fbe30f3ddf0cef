import { explainRumor, type RunSpec } from '@peerlab/engine'
import type { SubjectFactory } from './contract.ts'
import { gather } from './evidence.ts'
import { aboutRun, chainInWords, type Asked, type Question } from './questions.ts'
import { rumorEvidence, type Receipt, type RumorEvidence } from './rumor-evidence.ts'

const lost = 'every packet that brought it was lost'
const untold = 'neighbors that have it told others'
const apart = 'no neighbor of it has the rumor'

/** Questions on a run without repair in which packets are lost: somebody usually misses the rumor. */
export async function gossipQuestions(subject: SubjectFactory, seed: number): Promise<readonly Question[]> {
  const parameters = { size: 40, degree: 6, fanout: 2, loss: 0.15, repairRounds: 0, style: 'gossip' }
  const spec: RunSpec = { scenario: 'gossip', seed, parameters }
  const evidence = rumorEvidence(gather(spec, await subject(), 'Gossip'))
  if (evidence.failure !== undefined) return []
  return aboutRun(spec, '03-gossip', [
    whoTold(evidence),
    howManyHops(evidence),
    copiesInVain(evidence),
    whyMissed(evidence),
  ])
}

function arrivals({ receipts }: RumorEvidence): readonly Receipt[] {
  return receipts.filter(({ isFirst, rumor }) => isFirst && rumor !== undefined)
}

function whoTold(evidence: RumorEvidence): Asked | undefined {
  const first = arrivals(evidence)[Math.floor(arrivals(evidence).length / 2)]
  if (first === undefined) return undefined
  const { node, peer, number } = first.event
  return {
    id: 'who-told',
    text: `From which node did node ${node} hear rumor ${first.id} first?`,
    answer: String(peer),
    because: chainInWords(evidence, number),
  }
}

function howManyHops(evidence: RumorEvidence): Asked | undefined {
  const last = arrivals(evidence).at(-1)
  if (last === undefined) return undefined
  const { node, number } = last.event
  return {
    id: 'hops-to-the-last',
    text: `Node ${node} heard rumor ${last.id} last. Over how many hops did it come?`,
    answer: String(evidence.spread.rumors.get(last.id)!.hops[node]),
    because: chainInWords(evidence, number),
  }
}

function copiesInVain({ receipts }: RumorEvidence): Asked {
  const again = receipts.filter(({ isFirst }) => !isFirst)
  const [one] = again
  return {
    id: 'copies-in-vain',
    text: 'How many copies came to a node that had the rumor already?',
    answer: String(again.length),
    because:
      one === undefined
        ? 'every copy that came was the first of its node'
        : `one of them: node ${one.event.node} got it from node ${one.event.peer} at ${Number(one.event.time.toFixed(1))} ms`,
  }
}

function whyMissed({ run, trace, spread }: RumorEvidence): Asked | undefined {
  const { topology, size } = run.session.simulation
  const [rumor] = spread.rumors.values()
  if (rumor === undefined) return undefined
  const node = Array.from({ length: size }, (_, each) => each).find((each) => !spread.has(each, rumor.id))
  if (node === undefined) return undefined
  const wasLost = trace.drops.some(({ to, message }) => to === node && message.type === 'rumor')
  const hasTeller = [...topology.neighbors(node)].some((peer) => spread.has(peer, rumor.id))
  return {
    id: 'why-missed',
    text: `Node ${node} never heard rumor ${rumor.id}. Why?`,
    options: [lost, untold, apart],
    answer: wasLost ? lost : hasTeller ? untold : apart,
    because: explainRumor(trace, topology, node, rumor.id).answer,
  }
}
