/**
 * Das, Gupta, Motivala, "SWIM: scalable weakly-consistent infection-style process group membership protocol", DSN 2002.
 * Its analysis of the failure detector (section 3.1) is that of Gupta, Chandra, Goldszmidt, "On scalable and efficient
 * distributed failure detectors", PODC 2001. Packets take a hundredth of a period, and all periods begin at the same
 * time, so that a failure between two of them is a failure at the beginning of the next.
 */
import { complete, constantLatency, loss, Simulation, Swim, type Message, type SwimOptions } from '@peerlab/engine'
import { expect, test } from 'vitest'
import { expectPublished, seeds } from './results.ts'

const period = 1000

function group(size: number, seed: number, options: Partial<SwimOptions> = {}, latency = period / 100): Simulation {
  return new Simulation({
    seed,
    topology: complete(size),
    latency: constantLatency(latency),
    protocol: (host) => new Swim(host, { period, timing: 'rounds', ...options }),
  })
}

/** How many periods pass from a failure until the first member has noticed: by then one period is over at least. */
function firstDetection(choice: 'random' | 'round-robin', seed: number): number {
  const simulation = group(100, seed, { choice })
  let detected = NaN
  simulation.observe({ onReport: (time, _node, event) => void (event === 'suspect' && (detected ||= time)) })
  const failure = 7 * period // not at the very beginning of the first pass
  simulation.runUntil(failure - period / 2)
  simulation.crash(seed % 100)
  simulation.run({ isOver: () => !Number.isNaN(detected) })
  return (detected - failure) / period
}

for (const choice of ['random', 'round-robin'] as const) {
  test(`a failure is noticed after e / (e - 1) = 1.58 periods, with ${choice} choice (section 3.1)`, () => {
    const measured = seeds(4000, 200).map((seed) => firstDetection(choice, seed))
    expectPublished(
      {
        quantity: `SWIM: periods until a failure is noticed, ${choice} choice`,
        source: 'Das et al. 2002, section 3.1',
        published: Math.E / (Math.E - 1),
        tolerance: 0.05,
      },
      measured,
    )
  })
}

// A direct answer needs two packets to arrive, one by way of a helper four: (1 - q²)(1 - q⁴)^k.
for (const k of [0, 1, 3]) {
  const q = 0.8
  const published = (1 - q ** 2) * (1 - q ** 4) ** k
  test(`with 20 % loss and ${k} helpers a ping of a member that is up fails with probability ${published.toFixed(4)}`, () => {
    const shares = seeds(200, 5).map((seed) => {
      const simulation = group(100, seed, { helpers: k, suspicion: 1000 })
      simulation.addRule(loss(1 - q))
      let failed = 0
      simulation.observe({ onReport: (_time, _node, event) => void (event === 'no-answer' && failed++) })
      simulation.runUntil(21.5 * period)
      return failed / (100 * 20) // the first pings go out at the end of period 0
    })
    expectPublished(
      {
        quantity: `SWIM: failed pings of members that are up, 20 % loss, k = ${k}`,
        source: 'Gupta et al. 2001',
        published,
        tolerance: 0.02 * published,
      },
      shares,
    )
  })
}

test('a member sends one ping and one answer in a period, whatever the size of the group (section 5)', () => {
  for (const size of [10, 50, 250]) {
    const loads = seeds(20, 3).map((seed) => {
      const simulation = group(size, seed)
      simulation.runUntil(1.5 * period)
      const before = simulation.packets.sent
      simulation.runUntil(11.5 * period)
      return (simulation.packets.sent - before) / size / 10
    })
    expectPublished(
      {
        quantity: `SWIM: packets a member and period, n = ${size}`,
        source: 'Das et al. 2002, section 5',
        published: 2,
        tolerance: 1e-9,
      },
      loads,
    )
  }
})

// Section 4.1 counts with Bailey's epidemic: two contacts a member and period, one it makes and one it gets.
test('news of 10 % of the members is news of 90 % after 2 ln(9) / 2 = 2.20 periods, at random times', () => {
  const size = 400
  const measured = seeds(50, 16).map((seed) => {
    const simulation = group(size, seed, { timing: 'poisson', choice: 'random' }, 0)
    const heard: number[] = []
    const news = [{ member: 7, status: 'alive', incarnation: 1 }]
    simulation.observe({
      onReport: (time, _node, event, detail) => {
        if (event === 'alive' && (detail as { member: number }).member === 7) heard.push(time)
      },
    })
    simulation.runUntil(3 * period)
    simulation.inject(7, 0, { type: 'ack', number: 0, updates: news } as Message)
    simulation.runUntil(40 * period)
    expect(heard.length).toBe(size - 1)
    return (heard[0.9 * size]! - heard[0.1 * size]!) / period
  })
  const published = Math.log(81) / 2
  expectPublished(
    {
      quantity: 'SWIM: periods from 10 % to 90 % of the members',
      source: 'Das et al. 2002, section 4.1',
      published,
      tolerance: 0.05 * published,
    },
    measured,
  )
})
