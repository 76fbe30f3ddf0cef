import { closestContacts, type Lookup, type RunSpec } from '@peerlab/engine'
import type { SubjectFactory } from './contract.ts'
import { gather } from './evidence.ts'
import { kademliaEvidence, type KademliaEvidence } from './kademlia-evidence.ts'
import { addressesIn, ms } from './kademlia-properties.ts'
import { aboutRun, chainInWords, type Asked, type Question } from './questions.ts'

const down = 'it was down, and did not answer'
const unnamed = 'no answer named it'
const farther = 'k nodes that are closer answered'

/** Questions on one lookup, from node 0, in a network with many nodes down. */
export async function kademliaQuestions(subject: SubjectFactory, seed: number): Promise<readonly Question[]> {
  const parameters = { size: 200, k: 4, dead: 0.3, mine: 'one', geography: 'flat', timeout: 400, lookups: 1 }
  const spec: RunSpec = { scenario: 'kademlia', seed, parameters }
  const evidence = kademliaEvidence(gather(spec, await subject(), 'Kademlia'))
  const [lookup] = evidence.lookups
  if (evidence.failure !== undefined || lookup === undefined || lookup.found.length === 0) return []
  return aboutRun(spec, '06b-kademlia', [
    whoNamed(evidence, lookup),
    howManyHops(evidence, lookup),
    askedInVain(evidence, lookup),
    whyNotFound(evidence, lookup),
  ])
}

function whoNamed(evidence: KademliaEvidence, lookup: Lookup): Asked | undefined {
  const [closest] = lookup.found
  const first = lookup.asks
    .filter(({ answer }) => answer > 0 && answer < lookup.report && namesIn(evidence, answer).includes(closest!))
    .sort((a, b) => a.answer - b.answer)[0]
  if (first === undefined || lookup.asks.find(({ to }) => to === closest)?.hops === 1) return undefined
  return {
    id: 'who-named',
    text: `The closest node that the lookup found is node ${closest}. Which node named it first?`,
    answer: String(first.to),
    because: chainInWords(evidence, first.answer),
  }
}

function howManyHops(evidence: KademliaEvidence, { found, asks }: Lookup): Asked | undefined {
  const ask = asks.find(({ to, answer }) => to === found[0] && answer > 0)
  if (ask === undefined) return undefined
  return {
    id: 'hops-to-the-closest',
    text: `Over how many hops did node 0 come to node ${ask.to}, the closest? A node that it knew at the start is one hop away.`,
    answer: String(ask.hops),
    because: chainInWords(evidence, ask.answer),
  }
}

function askedInVain(_evidence: KademliaEvidence, { asks }: Lookup): Asked {
  const silent = asks.filter(({ answer }) => answer === 0)
  const [one] = silent
  return {
    id: 'asked-in-vain',
    text: 'How many of the nodes that the lookup asked never answered?',
    answer: String(silent.length),
    because:
      one === undefined
        ? 'all that were asked have answered'
        : `one of them: node 0 asked node ${one.to} at ${ms(one.time)}, and it is down`,
  }
}

/** The node closest to the key that is not in what was found. */
function whyNotFound(evidence: KademliaEvidence, { target, found, asks }: Lookup): Asked | undefined {
  const { contacts, given } = evidence
  const all = closestContacts(contacts.slice(1), target, contacts.length).map(({ address }) => address)
  const node = all.find((each) => !found.includes(each))
  if (node === undefined) return undefined
  const asked = asks.find(({ to }) => to === node)
  const isKnown =
    given(0).some(({ address }) => address === node) ||
    asks.some(({ answer }) => answer > 0 && namesIn(evidence, answer).includes(node))
  const [answer, because] =
    asked?.answer === 0
      ? [down, `node 0 asked it at ${ms(asked.time)}, and no answer came`]
      : isKnown
        ? [farther, `what the lookup found is closer to the key: ${found.join(', ')}`]
        : [unnamed, 'it is in no answer of this lookup, and node 0 did not know it before']
  return {
    id: 'why-not-found',
    text: `Node ${node} is close to the key, and not in what the lookup found. Why?`,
    options: [down, unnamed, farther],
    answer,
    because,
  }
}

function namesIn({ trace }: KademliaEvidence, answer: number): readonly number[] {
  return addressesIn((trace.event(answer).subject as { readonly contacts?: unknown }).contacts)
}
