/**
 * Availability of replicas and of fragments when nodes come and go: with r copies 1-(1-a)^r, with n fragments of which k
 * are needed the tail of the binomial distribution, where a is a node's availability. Weatherspoon and Kubiatowicz,
 * "Erasure coding vs. replication: a quantitative comparison", IPTPS 2002; Rodrigues and Liskov, "High availability in
 * DHTs: erasure coding vs. replication", IPTPS 2005. The formulas know nothing of how long sessions last: here they have
 * a long tail, as in the field (Stutzbach and Rejaie 2006).
 */
import {
  availability,
  fragmentAvailability,
  replicationAvailability,
  ring,
  Simulation,
  startChurn,
  weibullSpans,
} from '@peerlab/engine'
import { expect, test } from 'vitest'
import { silent } from '../support/nodes.ts'
import { expectProbability, seeds } from './results.ts'

const hour = 3_600_000

/** Nodes in groups of this size: for each group 1 where enough of them are up after a day of churn, 0 otherwise. */
function enoughUp(groupSize: number, needed: number, meanUp: number, meanDown: number, seed: number): (0 | 1)[] {
  const size = 6400
  const simulation = new Simulation({ seed, topology: ring(size), protocol: silent })
  startChurn(simulation, { up: weibullSpans(meanUp, 0.6), down: weibullSpans(meanDown, 0.6), begin: 'stationary' })
  simulation.runUntil(24 * hour)
  return Array.from({ length: size / groupSize }, (_, group) => {
    let up = 0
    for (let i = 0; i < groupSize; i++) if (simulation.isUp(group * groupSize + i)) up++
    return up >= needed ? 1 : 0
  })
}

for (const { meanUp, meanDown, copies, fragments, sampled } of [
  { meanUp: 9 * hour, meanDown: hour, copies: 0.99, fragments: 1 - 1.28e-9, sampled: 2 },
  { meanUp: 3 * hour, meanDown: 3 * hour, copies: 0.75, fragments: 0.57, sampled: 10 },
]) {
  const up = availability(meanUp, meanDown)

  test(`of two copies on nodes that are up ${up} of the time, one is there with probability ${copies}`, () => {
    expect(replicationAvailability(2, up)).toBeCloseTo(copies, 12)
    const there = seeds(20, 3).flatMap((seed) => enoughUp(2, 1, meanUp, meanDown, seed))
    const source = 'Weatherspoon and Kubiatowicz 2002'
    expectProbability(
      { quantity: `availability of 2 replicas, a = ${up}`, source, published: copies, seeds: seeds(20, 3).length },
      there,
    )
  })

  test(`of 32 fragments on nodes that are up ${up} of the time, 16 are there with probability ${fragments}`, () => {
    const missing = fragmentAvailability(17, 32, 1 - up)
    // As many digits as are published, of whichever of the two is small.
    expect(Number(missing.toPrecision(3))).toBe(Number((1 - fragments).toPrecision(3)))
    const there = seeds(200, sampled).flatMap((seed) => enoughUp(32, 16, meanUp, meanDown, seed))
    expectProbability(
      {
        quantity: `availability of 16 of 32 fragments, a = ${up}`,
        source: 'Rodrigues and Liskov 2005',
        published: fragmentAvailability(16, 32, up),
        seeds: seeds(200, sampled).length,
      },
      there,
    )
  })
}
