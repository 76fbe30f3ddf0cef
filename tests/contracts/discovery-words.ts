import type { DiscoveryEvidence } from './discovery-evidence.ts'

/** Why a node has fewer connections than it wants, as far as its packets tell, and the event that shows it best. */
export function whyShort(evidence: DiscoveryEvidence, node: number): { readonly text: string; readonly at: number } {
  const { books, sent, options, run } = evidence
  const book = books.get(node)!
  const own = sent.filter(({ from }) => from === node)
  const hellos = own.filter(({ message: { type } }) => type === 'hello')
  const last = hellos.at(-1)
  if (last === undefined) return { text: 'it never called anybody', at: 0 }
  const asks = own.filter(({ message: { type } }) => type === 'get-peers')
  if (book.held.size > 0 && asks.length === 0) {
    return { text: 'it is connected, and never asked anybody for peers', at: last.cause }
  }
  const { now } = run.session.simulation
  const stale = [...book.calls].filter(([, { time }]) => now - time > options.dialTimeout + 2 * options.period)
  if (stale.length > 0 && now - last.time > options.dialTimeout + 3 * options.period) {
    const [peer, call] = stale[0]!
    const text =
      `it called ${who(peer)} at ${ms(call.time)}, got no answer, and has called nobody since ${ms(last.time)}; ` +
      `a call waits ${options.dialTimeout} ms, and then another address must be tried`
    return { text, at: call.event }
  }
  const untried = [...book.told.keys()].filter(
    (peer) => peer >= 0 && peer !== node && !book.held.has(peer) && !hellos.some(({ to }) => to === peer),
  )
  const answering = untried.find((peer) => run.session.simulation.isUp(peer))
  if (answering !== undefined) {
    return { text: `it was told of node ${answering}, which is up, and never called it`, at: last.cause }
  }
  const lastAsk = asks.at(-1)
  if (lastAsk !== undefined && now - lastAsk.time > 5 * options.period) {
    return { text: `it asked for peers the last time at ${ms(lastAsk.time)}, and knows nobody else`, at: lastAsk.cause }
  }
  return { text: `it made ${plural(hellos.length, 'call')}, the last at ${ms(last.time)}`, at: last.cause }
}

export function who(node: number): string {
  return node < 0 ? 'an address that no node has' : `node ${node}`
}

export function names(nodes: readonly number[], word = 'node '): string {
  const shown = nodes.slice(0, 5).map((node) => (node < 0 ? 'an address that no node has' : `${word}${node}`))
  return nodes.length > 5 ? `${shown.join(', ')} and ${nodes.length - 5} more` : shown.join(', ')
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

export function ms(time: number): string {
  return `${Number(time.toFixed(1))} ms`
}
