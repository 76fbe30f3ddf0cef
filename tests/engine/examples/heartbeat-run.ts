import { loss, ring, Simulation, uniformLatency } from '@peerlab/engine'
import { Heartbeat } from './heartbeat.ts'

/** Who notices, and when, that node 3 of 20 has crashed. */
export function crashOfNode3(seed: number): { readonly noticed: readonly string[]; readonly fingerprint: string } {
  const simulation = new Simulation({
    seed,
    topology: ring(20),
    protocol: (host) => new Heartbeat(host),
    latency: uniformLatency(20, 80), // ms, one way
  })
  const noticed: string[] = []
  simulation.observe({
    onReport: (time, node, event, detail) => noticed.push(`${time} ms: ${node} ${event} ${JSON.stringify(detail)}`),
  })
  simulation.runUntil(10_000)
  simulation.crash(3)
  simulation.addRule(loss(0.01))
  simulation.runUntil(15_000)
  return { noticed, fingerprint: simulation.fingerprint }
}
