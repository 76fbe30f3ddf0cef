import { componentSizes, topologyFromEdges } from '@peerlab/engine'
import {
  opensByWelcome,
  saysConnected,
  mayWait,
  type DiscoveryEvidence,
  type DiscoveryProperty,
} from './discovery-evidence.ts'
import { ms, names, plural, who, whyShort } from './discovery-words.ts'

/** A node may only claim connections that two packets made. */
export const reportsOnlyConnections: DiscoveryProperty = {
  title: 'a node reports a connection only when a hello was answered with welcome',
  check: ({ walk, nodeAt, options }) =>
    walk(({ event, node, book, message, sent, reports }) => {
      for (const report of reports) {
        if (report.event !== 'connected') continue
        const peer = nodeAt((report.detail as { readonly peer?: unknown } | undefined)?.peer)
        const welcomes =
          message?.type === 'hello' && sent.some(({ to, message: { type } }) => type === 'welcome' && to === peer)
        const isThis = peer >= 0 && peer === event.peer
        if (isThis && (welcomes || opensByWelcome(options, { event, book, message, reports, nodeAt }))) continue
        const call = book.calls.get(peer)
        const reason = book.held.has(peer)
          ? 'to which it was connected already'
          : message?.type === 'welcome' && peer === event.peer && call !== undefined
            ? `by a welcome that came ${ms(event.time - call.time)} after its call: a call waits ${options.dialTimeout} ms`
            : 'though no welcome of this moment had made that connection'
        return {
          expected:
            "host.report('connected', { peer, isOutgoing }) once, when a welcome that you wait for comes or when you send one",
          happened: `at ${ms(event.time)} node ${node} reported a connection with ${who(peer)}, ${reason}`,
          at: event.number,
        }
      }
      return undefined
    }),
}

export const leavesMessagesAlone: DiscoveryProperty = {
  title: 'a handler does not change the message that it was given',
  check({ trace, changes: [change] }) {
    if (change === undefined) return undefined
    return {
      expected: 'a list of your own for what you keep or send on: [...message.peers]',
      happened:
        `at ${ms(trace.event(change.event).time)} node ${change.node} changed the message that it received ` +
        `(message${change.difference}); others may hold the same object`,
      at: change.event,
    }
  },
}

/** Addresses come in answers, and from those who call. Nobody can count or guess them. */
export const callsOnlyWhomItWasToldOf: DiscoveryProperty = {
  title: 'a node calls its bootnodes and whom it was told of, and nobody else',
  check: (evidence) =>
    evidence.walk(({ event, node, book, sent }) => {
      for (const { to, message } of sent) {
        if (message.type !== 'hello' || evidence.roles[to] === 'bootnode' || book.named.has(to)) continue
        if (to === node) continue // another property says more
        if (to < 0 && evidence.run.parameters['lie'] === 'made-up') continue
        const [knows] =
          to < 0 ? [] : [...evidence.books].flatMap(([other, { named }]) => (named.has(to) ? [other] : []))
        const hint =
          knows === undefined
            ? 'Was it made up, or has a module-level variable kept it?'
            : `Node ${knows} was told of it: a module-level or static variable is shared by all nodes; keep it in the instance`
        return {
          expected: `node ${node} to call only addresses that came in a message; they are opaque, and nobody guesses one`,
          happened: `at ${ms(event.time)} node ${node} called ${who(to)}, of which no message had told it. ${hint}`,
          at: event.number,
        }
      }
      return undefined
    }),
}

export const neverCallsItself: DiscoveryProperty = {
  title: 'a node never calls itself, though lists name it',
  check: ({ walk }) =>
    walk(({ event, node, sent }) => {
      if (!sent.some(({ to }) => to === node)) return undefined
      return {
        expected: `node ${node} to leave out host.address when it takes up a list: bootnodes name the asker as well`,
        happened: `at ${ms(event.time)} node ${node} sent a packet to itself`,
        at: event.number,
      }
    }),
}

export const welcomesCallers: DiscoveryProperty = {
  title: 'who is called answers at once: welcome while there is a place for an incoming connection, full otherwise',
  check: ({ walk, options }) =>
    walk(({ event, node, book, message, sent }) => {
      const { peer } = event
      if (message?.type !== 'hello' || book.held.has(peer)) return undefined
      const places = options.limit - options.target
      const taken = [...book.held.values()].filter(({ isOutgoing }) => !isOutgoing).length
      const answers = sent.filter(({ to, message: { type } }) => to === peer && (type === 'welcome' || type === 'full'))
      const answer = answers[0]?.message.type
      const wanted = taken < places ? 'welcome' : 'full'
      if (answers.length === 1 && (answer === wanted || mayWait(options, book, peer, event.time))) return undefined
      const state = `it has ${plural(taken, 'incoming connection')} and ${plural(places, 'place')} for them (limit - target)`
      const did =
        answers.length === 0
          ? 'sent neither welcome nor full'
          : `sent ${answers.length === 1 ? answer : plural(answers.length, 'answer')}`
      return {
        expected: `node ${node} to send ${wanted === 'full' ? "{ type: 'full', peers }" : "{ type: 'welcome' }"} to node ${peer}: ${state}`,
        happened: `at ${ms(event.time)} node ${node} got a hello from node ${peer} and ${did}`,
        at: event.number,
      }
    }),
}

export const reportsConnections: DiscoveryProperty = {
  title: 'a node reports each connection when it begins, and who called',
  check: ({ walk, options, nodeAt }) =>
    walk(({ event, node, book, message, sent, reports }) => {
      const { peer } = event
      if (book.held.has(peer)) return undefined
      const isOutgoing = opensByWelcome(options, { event, book, message, reports, nodeAt })
      const isIncoming =
        message?.type === 'hello' && sent.some(({ to, message: { type } }) => to === peer && type === 'welcome')
      if (!isOutgoing && !isIncoming) return undefined
      const said = reports.find((report) => saysConnected(report, peer, nodeAt))
      const claim = (said?.detail as { readonly isOutgoing?: unknown } | undefined)?.isOutgoing
      if (claim === isOutgoing || (isIncoming && claim === true && mayWait(options, book, peer, event.time)))
        return undefined
      const what = isOutgoing ? `was welcomed by node ${peer}` : `welcomed node ${peer}`
      return {
        expected: `node ${node} to call host.report('connected', { peer, isOutgoing: ${isOutgoing} }) with the address of node ${peer}`,
        happened:
          `at ${ms(event.time)} node ${node} ${what} and ` +
          (said === undefined ? 'did not report it' : `reported it with isOutgoing ${String(JSON.stringify(claim))}`),
        at: event.number,
      }
    }),
}

export const asksWhoWelcomes: DiscoveryProperty = {
  title: 'who is welcomed asks at once for the nodes that the other knows',
  check: ({ walk, options, nodeAt }) =>
    walk(({ event, node, book, message, sent, reports }) => {
      if (!opensByWelcome(options, { event, book, message, reports, nodeAt })) return undefined
      if (sent.some(({ to, message: { type } }) => to === event.peer && type === 'get-peers')) return undefined
      return {
        expected: `node ${node} to send { type: 'get-peers' } to node ${event.peer}, which has just welcomed it`,
        happened: `at ${ms(event.time)} node ${node} was welcomed by node ${event.peer} and did not ask it for peers`,
        at: event.number,
      }
    }),
}

export const tellsWhatItKnows: DiscoveryProperty = {
  title: 'who is asked by a connected peer answers with addresses of others',
  check: ({ walk, options }) =>
    walk(({ event, node, book, message, sent }) => {
      const { peer } = event
      if (message?.type !== 'get-peers' || !book.held.has(peer)) return undefined
      if (event.time - (book.askedBy.get(peer) ?? -Infinity) < 1.5 * options.period) return undefined // once a beat will do
      const answer = sent.find(({ to, message: { type } }) => to === peer && type === 'peers')
      const others = [...book.spoke].filter((other) => other !== peer && book.held.has(other))
      const isEmpty = answer !== undefined && (answer.message as { readonly peers?: unknown[] }).peers?.length === 0
      if (answer !== undefined && !(isEmpty && others.length > 0)) return undefined
      return {
        expected: `node ${node} to send { type: 'peers', peers } to node ${peer}, with whom it knows: ${names(others) || 'nobody so far'}`,
        happened: `at ${ms(event.time)} node ${peer} asked node ${node} for peers and ${isEmpty ? 'got an empty list' : 'got no answer'}`,
        at: event.number,
      }
    }),
}

/** Nobody stays outside while a bootnode is there. */
export const entersByTheBootnode: DiscoveryProperty = {
  title: 'a node that is connected to nobody calls its bootnodes, again and again until one answers',
  check(evidence) {
    const { run, trace, options, books, isCounted, sent } = evidence
    const { simulation } = run.session
    const end = simulation.now
    const back = [...trace.events()].findLast(
      ({ kind, node }) => kind === 'restart' && evidence.roles[node] === 'bootnode',
    )
    // A call that was just made in vain, the next beat, and the way there and back.
    const slack = options.dialTimeout + 3 * options.period + 1000
    for (const [node, book] of books) {
      if (!isCounted(node) || book.held.size > 0 || end < Math.max(book.started, back?.time ?? 0) + slack) continue
      const calls = sent.filter(
        ({ from, to, message: { type } }) => from === node && evidence.roles[to] === 'bootnode' && type === 'hello',
      )
      const did =
        calls.length === 0
          ? 'never called it'
          : `called it ${calls.length === 1 ? 'once' : `${calls.length} times`}, the last time at ${ms(calls.at(-1)!.time)}`
      return {
        expected: `node ${node} to be connected: the bootnode in host.neighbors answers${back === undefined ? '' : ` since ${ms(back.time)}`}`,
        happened: `until ${ms(end)} node ${node} ${did}, and it is connected to nobody`,
        at: calls.at(-1)?.cause ?? book.calls.values().next().value?.event ?? 0,
      }
    }
    return undefined
  },
}

/** @param least the share of the honest nodes that must have all the connections they want, held by both ends */
export function reachesTarget(least = 1): DiscoveryProperty {
  return {
    title:
      least === 1
        ? 'every node comes to as many outgoing connections as it wants'
        : `at least ${100 * least} % of the nodes come to as many outgoing connections as they want`,
    check(evidence) {
      const { books, isCounted, options, run } = evidence
      const nodes = [...books.keys()].filter(isCounted)
      const isSettled = (node: number): boolean =>
        outgoingOf(evidence, node).length >= options.target ||
        // Who is called by everybody else has nobody left to call.
        nodes.every((peer) => peer === node || books.get(node)!.held.has(peer))
      const short = nodes.filter((node) => !isSettled(node))
      const [first] = short
      if (first === undefined || short.length <= (1 - least) * nodes.length) return undefined
      const { text, at } = whyShort(evidence, first)
      const has = outgoingOf(evidence, first).length
      return {
        expected: `node ${first} to have ${plural(options.target, 'outgoing connection')}, as target says, with peers that are up`,
        happened: `at ${ms(run.session.simulation.now)} node ${first} has ${has}, and ${plural(short.length, 'node')} of ${nodes.length} too few: ${text}`,
        at,
      }
    },
  }
}

/** The network must not hang on its bootnode. */
export const holdsTogether: DiscoveryProperty = {
  title: 'without the bootnodes the nodes are one network',
  check(evidence) {
    const { books, isCounted, run } = evidence
    const edges = [...books.keys()]
      .filter(isCounted)
      .flatMap((node) => outgoingOf(evidence, node).flatMap((peer) => (isCounted(peer) ? [[node, peer] as const] : [])))
    const parts = componentSizes(topologyFromEdges(run.session.simulation.size, edges), isCounted)
    if (parts.length <= 1) return undefined
    return {
      expected: 'connections of all nodes with a random few of the others, so that the network is one',
      happened:
        `at ${ms(run.session.simulation.now)} the connections make ${parts.length} parts of ${names(parts, '')} nodes: ` +
        'do all choose the same ones, or only the bootnode?',
    }
  },
}

/** The peers at the other ends of a node's outgoing connections that are up and hold them too. */
export function outgoingOf({ books, roles, run, isJudged }: DiscoveryEvidence, node: number): number[] {
  return [...books.get(node)!.held].flatMap(([peer, { isOutgoing }]) => {
    if (!isOutgoing || !run.session.simulation.isUp(peer)) return []
    const isMutual = !isJudged(peer) || books.get(peer)?.held.has(node) === true
    return isMutual && roles[peer] !== 'slow' ? [peer] : []
  })
}
