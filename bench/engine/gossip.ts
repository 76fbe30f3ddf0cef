/**
 * Push gossip, forwarded on first receipt to 6 of 8 random neighbors, 20-99 ms, no loss. Run in a process of its own, so
 * that the memory is that of this run: `node bench/engine/gossip.ts 1000000` prints one line of JSON.
 */
import { deriveStream, Push, randomOut, Simulation, Spread, uniformLatency, type Message } from '@peerlab/engine'

export interface GossipResult {
  readonly workload: 'push gossip'
  readonly nodes: number
  readonly events: number
  /** The share of the nodes that heard. */
  readonly coverage: number
  readonly setUpSeconds: number
  readonly seconds: number
  readonly rssBytes: number
}

/** @param now milliseconds of real time */
export function runGossip(nodes: number, now: () => number): Omit<GossipResult, 'rssBytes'> {
  const start = now()
  const options = { fanout: 6, ttl: 255 }
  const simulation = new Simulation({
    seed: 1,
    topology: randomOut(nodes, 8, deriveStream(1, 'bench')),
    protocol: (host) => new Push(host, options),
    latency: uniformLatency(20, 99),
  })
  const spread = new Spread(nodes)
  simulation.observe(spread)
  simulation.runUntil(0)
  simulation.command(0, { type: 'publish', id: 'm', payload: 'hello' } as Message)
  const ready = now()
  simulation.run()
  const seconds = (now() - ready) / 1000
  const { events } = simulation
  return {
    workload: 'push gossip',
    nodes,
    events,
    coverage: spread.coverage,
    setUpSeconds: (ready - start) / 1000,
    seconds,
  }
}

if (typeof process === 'object' && process.argv[1]?.endsWith('gossip.ts') === true) {
  const result = runGossip(Number(process.argv[2]), () => performance.now())
  console.log(JSON.stringify({ ...result, rssBytes: 1024 * process.resourceUsage().maxRSS }))
}
