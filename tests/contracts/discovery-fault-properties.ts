import type { Address } from '@peerlab/engine'
import { isWanted, mayWait, opensByWelcome, saysConnected, type DiscoveryProperty } from './discovery-evidence.ts'
import { outgoingOf } from './discovery-properties.ts'
import { ms, plural, who } from './discovery-words.ts'

/** An address at which nobody answers may be called three times in a row, and again when somebody tells of it anew. */
const mostCallsInVain = 3

export const forgetsTheDead: DiscoveryProperty = {
  title: 'an address where nobody answers is forgotten',
  check({ walk, roles, nodeAt }) {
    const inVain = new Map<string, number>()
    return walk(({ event, node, book, message, sent }) => {
      if (event.kind === 'restart') for (const key of inVain.keys()) if (key.startsWith(`${node}>`)) inVain.delete(key)
      if (message !== undefined) {
        inVain.delete(`${node}>${event.peer}`)
        if (isWanted(book, message, event.peer)) {
          for (const each of message.peers ?? []) inVain.delete(`${node}>${nodeAt(each)}`)
        }
      }
      for (const { to, message: packet } of sent) {
        if (packet.type !== 'hello' || roles[to] === 'bootnode' || to < 0) continue
        const count = (inVain.get(`${node}>${to}`) ?? 0) + 1
        inVain.set(`${node}>${to}`, count)
        if (count <= mostCallsInVain) continue
        return {
          expected: `node ${node} to forget node ${to}, which does not answer, until somebody tells of it again`,
          happened: `at ${ms(event.time)} node ${node} called node ${to} for the ${count}th time in a row without an answer`,
          at: event.number,
        }
      }
      return undefined
    })
  },
}

/** Nobody is called twice at the same time, nor where there is a connection already. */
export const callsOnce: DiscoveryProperty = {
  title: 'a node does not call whom it is connected to, or whose answer it still waits for',
  check: ({ walk, options }) =>
    walk(({ event, node, book, sent }) => {
      const called = new Set<number>()
      for (const { to, message } of sent) {
        if (message.type !== 'hello' || to < 0) continue
        const call = book.calls.get(to)
        const waits = call !== undefined && event.time - call.time < options.dialTimeout
        if (!book.held.has(to) && !waits && !called.has(to)) {
          called.add(to)
          continue
        }
        const why = book.held.has(to)
          ? `it is connected to it since ${ms(book.held.get(to)!.since)}`
          : called.has(to)
            ? 'it had called it in the same handler'
            : `it waits for its answer since ${ms(call!.time)}, and a call waits ${options.dialTimeout} ms`
        return {
          expected: `node ${node} to call somebody else than node ${to}`,
          happened: `at ${ms(event.time)} node ${node} called node ${to} again: ${why}`,
          at: event.number,
        }
      }
      return undefined
    }),
}

export const refusesLateWelcomes: DiscoveryProperty = {
  title: 'a welcome that nobody waits for any more is answered with bye',
  check: ({ walk, options, nodeAt }) =>
    walk(({ event, node, book, message, sent, reports }) => {
      const { peer, time } = event
      if (message?.type !== 'welcome' || book.held.has(peer) || mayWait(options, book, peer, time)) return undefined
      const says = reports.some((report) => saysConnected(report, peer, nodeAt))
      if (!says && sent.some(({ to, message: { type } }) => to === peer && type === 'bye')) return undefined
      const call = book.calls.get(peer)
      const late =
        call === undefined
          ? 'which it had not called'
          : `${ms(time - call.time)} after its call; it waits ${options.dialTimeout} ms`
      return {
        expected: `node ${node} to send { type: 'bye' } to node ${peer}, which otherwise believes in a connection`,
        happened: `at ${ms(time)} node ${node} got a welcome from node ${peer}, ${late}, and ${says ? 'took it' : 'sent no bye'}`,
        at: event.number,
      }
    }),
}

export const keepsLimits: DiscoveryProperty = {
  title: 'a node has at most `target` outgoing and `limit - target` incoming connections',
  check: ({ walk, options, nodeAt }) =>
    walk(({ event, node, book, message, sent, reports }) => {
      const { target } = options
      if (!opensByWelcome(options, { event, book, message, reports, nodeAt })) return undefined
      const outgoing = [...book.held].filter(([, { isOutgoing }]) => isOutgoing)
      const ended = outgoing.filter(([peer]) => sent.some(({ to, message: { type } }) => to === peer && type === 'bye'))
      const isRefused = sent.some(({ to, message: { type } }) => to === event.peer && type === 'bye')
      const count = outgoing.length - ended.length + (isRefused ? 0 : 1)
      if (count <= target) return undefined
      return {
        expected: `node ${node} to have at most ${plural(target, 'outgoing connection')}; it should count the calls that wait as well`,
        happened: `at ${ms(event.time)} node ${node} was welcomed by node ${event.peer}, and has ${count} outgoing connections`,
        at: event.number,
      }
    }),
}

/** What is passed on: addresses that have answered, each once, no more than allowed, and not the asker's own. */
export const passesOnWhatAnswered: DiscoveryProperty = {
  title: 'a list names only peers that this node has heard itself, each once, and at most maxShared',
  check: ({ walk, options, nodeAt }) =>
    walk(({ event, node, book, sent }) => {
      for (const { to, message: packet } of sent) {
        if (packet.type !== 'peers' && packet.type !== 'full') continue
        const { peers } = packet as unknown as { readonly peers?: readonly Address[] }
        const listed = Array.isArray(peers) ? peers.map(nodeAt) : []
        const stranger = listed.find((peer) => !book.heard.has(peer) && peer !== node)
        const problem = !Array.isArray(peers)
          ? 'without a list `peers`'
          : listed.length > options.maxShared
            ? `with ${listed.length} addresses, though maxShared is ${options.maxShared}`
            : new Set(listed).size < listed.length
              ? 'that names an address twice'
              : listed.includes(node)
                ? 'that names itself'
                : listed.includes(to)
                  ? 'that names the receiver itself'
                  : stranger !== undefined
                    ? `that names ${who(stranger)}, from which it had never had a packet: that is hearsay, and may be a lie`
                    : undefined
        if (problem === undefined) continue
        return {
          expected: `node ${node} to send random addresses that have answered it, at most ${options.maxShared}`,
          happened: `at ${ms(event.time)} node ${node} sent node ${to} a ${packet.type} ${problem}`,
          at: event.number,
        }
      }
      return undefined
    }),
}

/** Who sends lists that nobody asked for wants to be in tables. */
export const believesOnlyAnswers: DiscoveryProperty = {
  title: 'a node calls nobody of whom only a list told that it had not asked for',
  check: ({ walk, roles, run }) =>
    walk(({ event, node, book, sent }) => {
      for (const { to, message } of sent) {
        if (message.type !== 'hello' || roles[to] === 'bootnode' || book.told.has(to) || !book.named.has(to)) continue
        if (to === node || (to < 0 && run.parameters['lie'] === 'made-up')) continue
        return {
          expected: `node ${node} to take up a list only after its own get-peers, or after its own hello if it is a full`,
          happened: `at ${ms(event.time)} node ${node} called ${who(to)}, which had come only in a list that nobody had asked for`,
          at: event.number,
        }
      }
      return undefined
    }),
}

/** Between two answers of a source, no more of its hearsay can be called than may be kept. */
export const boundsHearsay: DiscoveryProperty = {
  title: 'a node keeps at most maxPerSource addresses of one source where nobody has answered, and maxKnown in all',
  check({ walk, options, roles }) {
    /** By node and source, -1 = any: the unverified addresses that were called since the source's last answer. */
    const called = new Map<string, Set<number>>()
    return walk(({ event, node, book, message, sent }) => {
      if (event.kind === 'restart' || (message !== undefined && isWanted(book, message, event.peer))) {
        called.delete(`${node}<${event.peer}`)
        called.delete(`${node}<-1`)
      }
      if (event.kind === 'restart') return undefined
      for (const { to, message: packet } of sent) {
        if (packet.type !== 'hello' || to < 0 || roles[to] === 'bootnode' || book.heard.has(to)) continue
        const sources = [...(book.told.get(to) ?? [])]
        for (const source of sources.length === 1 ? [sources[0]!, -1] : [-1]) {
          const key = `${node}<${source}`
          const since = (called.get(key) ?? new Set()).add(to)
          called.set(key, since)
          const most = source < 0 ? options.maxKnown : options.maxPerSource
          if (since.size <= most) continue
          return {
            expected:
              source < 0
                ? `node ${node} to keep at most ${most} addresses (maxKnown)`
                : `node ${node} to keep at most ${most} addresses of node ${source} as long as nobody has answered there (maxPerSource)`,
            happened:
              `at ${ms(event.time)} node ${node} called node ${to}, the ${since.size}th address that ` +
              (source < 0
                ? 'it had been told of before the last answer'
                : `only the last answer of node ${source} can have told it`),
            at: event.number,
          }
        }
      }
      return undefined
    })
  },
}

/** Garbage in, a report out, and nothing else. */
export const dropsMalformed: DiscoveryProperty = {
  title: 'a message that makes no sense is reported as malformed, and otherwise ignored',
  check: ({ walk }) =>
    walk(({ event, node, message, sent, reports }) => {
      if (event.kind !== 'message' || message !== undefined) return undefined
      if (reports.some((report) => report.event === 'malformed') && sent.length === 0) return undefined
      const did = sent.length > 0 ? `sent ${plural(sent.length, 'packet')}` : 'did not report it'
      return {
        expected: `node ${node} to call host.report('malformed', { type }) and do nothing else`,
        happened: `at ${ms(event.time)} node ${node} got ${JSON.stringify(event.subject)} and ${did}`,
        at: event.number,
      }
    }),
}

export const answersPings: DiscoveryProperty = {
  title: 'a ping of a connected peer is answered with pong',
  check: ({ walk }) =>
    walk(({ event, node, book, message, sent }) => {
      const { peer } = event
      if (message?.type !== 'ping' || !book.held.has(peer)) return undefined
      if (sent.some(({ to, message: { type } }) => to === peer && type === 'pong')) return undefined
      return {
        expected: `node ${node} to send { type: 'pong' } to node ${peer}`,
        happened: `at ${ms(event.time)} node ${peer} sent node ${node} a ping and got no pong`,
        at: event.number,
      }
    }),
}

/** A network of many connections would be pings and little else. */
export const pingsOnlyTheQuiet: DiscoveryProperty = {
  title: 'a node pings only peers that have been quiet for a third of the silence',
  check: ({ walk, options: { silence, period } }) =>
    walk(({ event, node, book, sent }) => {
      for (const { to, message } of sent) {
        const heard = book.heard.get(to)
        if (message.type !== 'ping' || heard === undefined || event.time - heard >= silence / 3 - period) continue
        return {
          expected: `node ${node} to ping node ${to} after ${ms(silence / 3)} without a packet from it: silence / 3`,
          happened: `at ${ms(event.time)} node ${node} sent a ping to node ${to}, from which it had heard ${ms(event.time - heard)} before`,
          at: event.number,
        }
      }
      return undefined
    }),
}

/** Where no packet is lost, a peer that is up answers: who is dropped for silence must have been asked. */
export const keepsTheLiving: DiscoveryProperty = {
  title: 'a quiet peer is pinged, and kept if it answers',
  check: ({ walk, nodeAt, run, trace }) => {
    const crashed = new Set([...trace.events()].filter(({ kind }) => kind === 'crash').map(({ node }) => node))
    return walk(({ event, node, book, message, sent, reports }) => {
      for (const { event: name, detail } of reports) {
        const peer = name === 'disconnected' ? nodeAt((detail as { readonly peer?: unknown } | undefined)?.peer) : -1
        const held = book.held.get(peer)
        if (held === undefined || !run.session.simulation.isUp(peer) || crashed.has(peer)) continue
        if (message?.type === 'bye' || sent.some(({ to, message: { type } }) => to === peer && type === 'bye')) continue
        const pinged = book.pinged.get(peer)
        return {
          expected: `node ${node} to ask node ${peer} with a ping after a third of the silence, and to keep it: it is up`,
          happened:
            `at ${ms(event.time)} node ${node} dropped node ${peer}, and ` +
            (pinged === undefined ? 'no ping of it had gone unanswered' : `had sent it a ping only at ${ms(pinged)}`),
          at: event.number,
        }
      }
      return undefined
    })
  },
}

export const dropsTheSilent: DiscoveryProperty = {
  title: 'a peer that is silent for `silence` is no connection any more',
  check({ run, books, isCounted, options, trace }) {
    const { simulation } = run.session
    const crashes = new Map(
      [...trace.events()].flatMap(({ kind, node, time }) => (kind === 'crash' ? [[node, time]] : [])),
    )
    for (const [node, book] of books) {
      if (!isCounted(node)) continue
      for (const [peer, { since, event }] of book.held) {
        const crash = crashes.get(peer)
        const limit = Math.max(crash ?? Infinity, since) + options.silence + 4 * options.period
        if (crash === undefined || simulation.isUp(peer) || simulation.now < limit) continue
        return {
          expected: `node ${node} to call host.report('disconnected', { peer, reason: 'silence' }) by ${ms(limit)}, and to call another`,
          happened: `at ${ms(simulation.now)} node ${node} still counts on node ${peer}, which crashed at ${ms(crash)}`,
          at: event,
        }
      }
    }
    return undefined
  },
}

/** Who has been inside needs no bootnode to come back. */
export const comesBack: DiscoveryProperty = {
  title: 'a node that restarts calls the peers that it had noted in its storage',
  check({ trace, run, books, roles, nodeAt, sent, isCounted }) {
    for (const { kind, node, number, time } of trace.events()) {
      if (kind !== 'crash' || time === 0 || !isCounted(node) || books.get(node)!.held.size > 1) continue
      const { storage } = run.session.simulation.nodes.hosts[node]!
      const stored = storage.get('peers')
      const calls = sent.filter(({ from, time: at, message }) => from === node && at > time && message.type === 'hello')
      const others = calls.filter(({ to }) => roles[to] !== 'bootnode')
      const noted =
        storage.keys().length === 0 ? 'its storage is empty' : `its storage has ${storage.keys().join(', ')}`
      const isList = Array.isArray(stored) && stored.some((peer) => nodeAt(peer) >= 0)
      return {
        expected: `node ${node} to keep addresses that answered with host.storage.set, and to call them after its restart`,
        happened:
          `node ${node} crashed at ${ms(time)} and restarted; ${isList ? 'it has noted addresses' : noted}, and ` +
          `it called ${others.length === 0 ? 'nobody but the bootnode, which is gone' : plural(others.length, 'peer')}: ` +
          `at the end it has ${plural(books.get(node)!.held.size, 'connection')}`,
        at: calls.at(-1)?.cause ?? number,
      }
    }
    return undefined
  },
}

/** @param most packets for each outgoing connection */
export function costsAtMost(most: number): DiscoveryProperty {
  return {
    title: `an outgoing connection costs at most ${most} packets`,
    check(evidence) {
      const { value, total, connections } = costOf(evidence)
      if (value <= most) return undefined
      const counts = Map.groupBy(
        evidence.sent.filter(({ from }) => evidence.isJudged(from)),
        ({ message: { type } }) => type,
      )
      const parts = [...counts].map(([type, { length }]) => `${length} ${type}`).join(', ')
      return {
        expected: `at most ${most} packets for each outgoing connection; hello, welcome, get-peers and peers are 4`,
        happened:
          `until ${ms(evidence.run.session.simulation.now)} ${connections} connections took ${total} packets (${parts}): ` +
          `${value.toFixed(1)} each`,
      }
    },
    measure: (evidence) => ({ name: 'Packets per connection', value: costOf(evidence).value, limit: most }),
  }
}

function costOf(evidence: Parameters<DiscoveryProperty['check']>[0]) {
  const { books, isCounted, sent, isJudged } = evidence
  const nodes = [...books.keys()].filter(isCounted)
  const connections = nodes.reduce((sum, node) => sum + outgoingOf(evidence, node).length, 0)
  const total = sent.filter(({ from }) => isJudged(from)).length
  return { total, connections, value: total / Math.max(connections, 1) }
}
