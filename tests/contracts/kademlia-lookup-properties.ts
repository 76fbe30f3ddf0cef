import { closestContacts, idToHex, sameId, type Contact, type Data, type Lookup } from '@peerlab/engine'
import type { Property } from './judge.ts'
import { hex, type KademliaEvidence } from './kademlia-evidence.ts'
import { ms } from './kademlia-properties.ts'

type KademliaProperty = Property<KademliaEvidence>

export const endsItsLookups: KademliaProperty = {
  title: 'each lookup ends in one report, with the target and the addresses that it found',
  check({ lookups, trace, run, isJudged }) {
    const open = lookups.find(({ report }) => report === 0)
    if (open !== undefined) {
      const { node, target, began, asks, event } = open
      const answered = asks.filter(({ answer }) => answer > 0).length
      const other = trace.reports.find((report) => report.event === 'lookup' && report.node === node)
      const targets = lookups.map((lookup) => idToHex(lookup.target))
      const reported = (other?.detail as { readonly target?: Data } | undefined)?.target
      if (other !== undefined && !(typeof reported === 'string' && targets.includes(reported))) {
        return {
          expected: `the target in hexadecimal digits, '${idToHex(target)}', as toHex makes them`,
          happened: `at ${ms(other.time)} node ${node} reported the end of a lookup of ${JSON.stringify(reported) ?? 'nothing'}`,
          at: other.cause,
        }
      }
      return {
        expected: `node ${node} to call host.report('lookup', { target: '${idToHex(target)}', closest })`,
        happened:
          `node ${node} was told at ${ms(began)} to look ${hex(target)} up, asked ${asks.length} nodes, of which ${answered} ` +
          `answered, and until ${ms(run.session.simulation.lastEventTime)} never reported an end`,
        at: event,
      }
    }
    const reports = trace.reports.filter(({ event, node }) => event === 'lookup' && isJudged(node))
    const again = reports[lookups.length]
    if (again === undefined) return undefined
    return {
      expected: `${lookups.length} reports for ${lookups.length} lookups`,
      happened: `there were ${reports.length}; the last of node ${again.node} at ${ms(again.time)}: a lookup ends once`,
      at: again.cause,
    }
  },
}

/** The oracle knows all nodes. */
export const findsTheClosest: KademliaProperty = {
  title: 'a lookup finds the k nodes that are closest to the target, the closest first',
  check(evidence) {
    for (const lookup of evidence.lookups) {
      const { node, target, ended, found, report, asks } = lookup
      const goal = oracle(evidence, lookup)
      const wrong = goal.findIndex((each, i) => found[i] !== each)
      if (wrong < 0 && found.length <= evidence.k) continue
      const what = `at ${ms(ended)} node ${node} reported for ${hex(target)} ${listed(found)}`
      if (wrong < 0) {
        return { expected: `at most k = ${evidence.k} addresses`, happened: `${what}: too many`, at: report }
      }
      const expected = `the addresses ${listed(goal)}${goal.length < evidence.k ? ', and then whoever else answered' : ''}`
      const missing = goal[wrong]!
      if (found.includes(missing as never)) {
        const lie = falselyNamed(evidence, lookup, found[wrong]!)
        return { expected, happened: `${what}: ${lie ?? 'not the closest first'}`, at: report }
      }
      const ask = asks.find(({ to }) => to === missing)
      const why =
        ask === undefined ? heardOf(evidence, lookup, missing) : `it had asked node ${missing} at ${ms(ask.time)}`
      return { expected, happened: `${what}: node ${missing} is not there, and ${why}`, at: report }
    }
    return undefined
  },
}

/** A report alone proves nothing. */
export const reportsWhoAnswered: KademliaProperty = {
  title: 'a lookup reports only nodes that answered it, under the id by which it knew them',
  check(evidence) {
    for (const { node, target, found, report, asks, ended } of evidence.lookups) {
      const other: unknown = (found as readonly unknown[]).find((each) => typeof each !== 'number')
      if (other !== undefined) {
        return {
          expected: 'closest: [their addresses]',
          happened: `at ${ms(ended)} node ${node} reported for ${hex(target)} ${listed(found)}`,
          at: report,
        }
      }
      const silent = found.find((each) => !asks.some(({ to, answer }) => to === each && answer > 0 && answer <= report))
      const twice = found.find((each, i) => found.indexOf(each) !== i)
      if (silent === undefined && twice === undefined) continue
      const asked = asks.find(({ to }) => to === silent)
      const did =
        silent === undefined
          ? `node ${twice} twice: it counted an answer for another id that is said to be at that address`
          : asked === undefined
            ? `node ${silent}, which it never asked`
            : `node ${silent}, which it asked at ${ms(asked.time)} and which had not answered`
      return {
        expected: 'only contacts that are there, and each once',
        happened: `at ${ms(ended)} node ${node} reported for ${hex(target)} ${did}`,
        at: report,
      }
    }
    return undefined
  },
}

/** Alpha bounds what one lookup has on the way. */
export const keepsAlphaInFlight: KademliaProperty = {
  title: 'a lookup begins with alpha questions, and has never more of them without an answer',
  check({ lookups, alpha, patience, sentBy, given, k }) {
    for (const { node, target, event, began, asks } of lookups) {
      for (const { time } of asks) {
        const waiting = asks.filter((ask) => ask.time <= time && !(ask.answered <= time) && ask.time + patience > time)
        if (waiting.length <= alpha) continue
        return {
          expected: `at most alpha = ${alpha} questions of a lookup at a time`,
          happened: `at ${ms(time)} node ${node} had ${waiting.length} questions for ${hex(target)} without an answer`,
          at: event,
        }
      }
      const first = sentBy(event).filter(({ message }) => message.type === 'find-node').length
      const wanted = Math.min(alpha, k, given(node).length)
      if (first === wanted) continue
      const but = first < wanted ? 'one after the other takes longer' : 'too many'
      return {
        expected: `${wanted} questions at once: alpha is ${alpha}`,
        happened: `at ${ms(began)} node ${node} began its lookup of ${hex(target)} with ${first}: ${but}`,
        at: event,
      }
    }
    return undefined
  },
}

export const asksNobodyTwice: KademliaProperty = {
  title: 'a lookup asks each contact once',
  check({ lookups }) {
    for (const { node, target, asks, event } of lookups) {
      const again = asks.find(({ to }, i) => to >= 0 && asks.findIndex((ask) => ask.to === to) < i)
      if (again === undefined) continue
      return {
        expected: 'one question to each; Requests sends it again by itself where it is lost',
        happened: `at ${ms(again.time)} node ${node} asked node ${again.to} about ${hex(target)} for the second time`,
        at: event,
      }
    }
    return undefined
  },
}

/**
 * What a lookup may cost. Each step halves the distance at least, so ceil(log2 N) + c of them are enough (Maymounkov and
 * Mazières 2002, section 3; c is 1 here). After log2 (N / k) of them there are only k nodes that are as close, and those
 * are asked anyway; until then each step asks alpha nodes.
 */
export const costsLittle: KademliaProperty = {
  title: 'a lookup takes at most ceil(log2 N) + 1 hops, and k + alpha · ceil(log2 (N / k)) questions',
  check(evidence) {
    const { lookups, contacts, k, alpha } = evidence
    const steps = halvings(contacts.length)
    const most = mostQuestions(evidence)
    for (const lookup of lookups) {
      const { node, target, asks, event } = lookup
      const hops = hopsOf(lookup)
      if (hops > steps + 1) {
        return {
          expected: `at most ${steps + 1} hops among ${contacts.length} nodes`,
          happened: `node ${node} reached the closest node to ${hex(target)} over ${hops} hops`,
          at: event,
        }
      }
      if (asks.length > most) {
        return {
          expected: `at most ${k} + ${alpha} · ${(most - k) / alpha} = ${most} questions among ${contacts.length} nodes`,
          happened: `node ${node} asked ${asks.length} nodes about ${hex(target)}: many of them could not help any more`,
          at: event,
        }
      }
    }
    return undefined
  },
  measure: (evidence) => ({
    name: 'Questions per lookup',
    value: evidence.lookups.reduce((sum, { asks }) => sum + asks.length, 0) / Math.max(evidence.lookups.length, 1),
    limit: mostQuestions(evidence),
  }),
}

function mostQuestions({ contacts, k, alpha }: KademliaEvidence): number {
  return k + alpha * halvings(Math.ceil(contacts.length / k))
}

/** Which of the k closest are up, and can be understood. */
function oracle({ run, contacts, k }: KademliaEvidence, { node, target }: Lookup): number[] {
  const { session, world, parameters } = run
  const isUnderstood = (each: number): boolean =>
    parameters['lies'] !== 'garbage' || !(world.inspect(each) as { readonly lies: boolean }).lies
  const others = contacts.filter(({ address }) => address !== contacts[node]!.address)
  return closestContacts(others, target, k)
    .map(({ address }) => address as number)
    .filter((each) => session.simulation.isUp(each) && isUnderstood(each))
}

/** How often a number of nodes can be halved: log2, rounded up. */
function halvings(size: number): number {
  return 32 - Math.clz32(size - 1)
}

/** Whether an answer had named the node. */
function heardOf({ trace }: KademliaEvidence, { asks }: Lookup, missing: number): string {
  for (const { answer, to } of asks) {
    if (answer === 0) continue
    const { contacts } = trace.event(answer).subject as { readonly contacts?: readonly { readonly address: number }[] }
    if (contacts?.some(({ address }) => address === missing) === true) {
      return `it was never asked, though node ${to} had named it`
    }
  }
  return 'it was never heard of: ask those that are closest so far, until the k closest have answered'
}

/** Whether an answer had named an address under an id that is not its node's. */
function falselyNamed({ trace, contacts }: KademliaEvidence, { asks }: Lookup, address: number): string | undefined {
  for (const { answer, to } of asks) {
    if (answer === 0) continue
    const { contacts: told } = trace.event(answer).subject as { readonly contacts?: readonly Contact[] }
    if (told?.some((contact) => contact.address === address && !sameId(contact.id, contacts[address]!.id)) !== true)
      continue
    return (
      `node ${to} had named node ${address} under another id than it has, and the answer came from its own one; ` +
      'an answer counts only from the id that was asked'
    )
  }
  return undefined
}

function hopsOf({ asks, found }: Lookup): number {
  return asks.find(({ to }) => to === found[0])?.hops ?? 0
}

/** A student's list may hold anything. */
function listed(nodes: readonly unknown[]): string {
  const words = nodes.map((node) => (typeof node === 'number' ? String(node) : 'what is no address'))
  return words.length === 0 ? 'nobody' : words.join(', ')
}
