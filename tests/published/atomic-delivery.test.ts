/**
 * Kermarrec, Massoulié, Ganesh, "Probabilistic reliable dissemination in large-scale systems", 2003: with Poisson fanout
 * of mean ln n + c all n nodes hear with probability e^(-e^(-c)).
 */
import { complete, constantLatency, Push, Simulation, Spread, type Message } from '@peerlab/engine'
import { test } from 'vitest'
import { expectProbability, seeds } from './results.ts'

const size = 1000
const topology = complete(size)

/** 1 when all heard, 0 otherwise. */
function isAtomic(c: number, seed: number): 0 | 1 {
  const simulation = new Simulation({
    seed,
    topology,
    protocol: (host) => new Push(host, { fanout: Math.log(size) + c, ttl: 255, poisson: true }),
    latency: constantLatency(1),
  })
  const spread = new Spread(size)
  simulation.observe(spread)
  simulation.runUntil(0)
  simulation.command(0, { type: 'publish', id: 'm', payload: seed } as Message)
  simulation.run()
  return spread.coverage === 1 ? 1 : 0
}

for (const [c, probability] of [
  [0, 0.3679],
  [1, 0.6922],
  [2, 0.8734],
  [3, 0.9514],
] as const) {
  test(`a mean fanout of ln n + ${c} reaches everybody with probability ${probability}`, () => {
    expectProbability(
      { quantity: `atomic delivery, c = ${c}`, source: 'Kermarrec et al. 2003', published: probability },
      seeds(1000, 250).map((seed) => isAtomic(c, seed)),
    )
  })
}
