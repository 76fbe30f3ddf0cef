import { ethereumBlockScoring, ethereumScoring, type Host, type Scoring, type TopicScoring } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { PeerScore } from '../../engine/protocols/gossipsub/peer-score.ts'
import { decayed } from '../../engine/protocols/gossipsub/topic-counters.ts'
import { cases, fc } from '../support/fast-check.ts'
import { addressOf } from '../support/gossipsub.ts'

const peer = addressOf(7)

/** Weights that are easy to add up by hand. */
const topic: TopicScoring = {
  topicWeight: 0.5,
  timeInMeshWeight: 2,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 10,
  firstMessageDeliveriesWeight: 3,
  firstMessageDeliveriesDecay: 0.5,
  firstMessageDeliveriesCap: 4,
  meshMessageDeliveriesWeight: -1,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 8,
  meshMessageDeliveriesThreshold: 6,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 3000,
  meshFailurePenaltyWeight: -2,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -7,
  invalidMessageDeliveriesDecay: 0.5,
}

const scoring: Scoring = {
  thresholds: { gossip: -10, publish: -20, graylist: -30, acceptPx: 5, opportunisticGraft: 1 },
  topics: { news: topic },
  topicScoreCap: 0,
  applicationWeight: 1,
  ipColocationWeight: -5,
  ipColocationThreshold: 2,
  behaviourPenaltyWeight: -11,
  behaviourPenaltyThreshold: 0,
  behaviourPenaltyDecay: 0.5,
  decayInterval: 1000,
  decayToZero: 0.1,
  retainScore: 60_000,
}

/** A score with a clock that the test moves. */
function scored(changes: Partial<Scoring> = {}, topicChanges: Partial<TopicScoring> = {}) {
  const clock = { now: 0, report: () => undefined }
  const topics = { news: { ...topic, ...topicChanges } }
  const score = new PeerScore(clock as unknown as Host<never>, { ...scoring, topics, ...changes })
  score.connect(peer)
  return { score, clock, counters: score.in('news', peer)!, value: () => score.of(peer) }
}

describe('P1, time in the mesh,', () => {
  test('counts whole quanta, is brought up to date on decays, and has a cap', () => {
    const { clock, score, counters, value } = scored(
      {},
      { meshMessageDeliveriesWeight: 0, meshFailurePenaltyWeight: 0 },
    )
    counters.graft(0)
    clock.now = 4900
    expect(value()).toBe(0)
    score.decay()
    expect(value()).toBe(0.5 * 2 * 4)
    clock.now = 50_000
    score.decay()
    expect(value()).toBe(0.5 * 2 * 10)
  })

  test('begins anew with each graft, and is nothing outside of the mesh', () => {
    const { clock, score, counters, value } = scored(
      {},
      { meshMessageDeliveriesWeight: 0, meshFailurePenaltyWeight: 0 },
    )
    counters.graft(0)
    clock.now = 5000
    score.decay()
    counters.prune()
    expect(value()).toBe(0)
    counters.graft(5000)
    clock.now = 6000
    score.decay()
    expect(value()).toBe(0.5 * 2)
  })
})

describe('P2, first deliveries,', () => {
  test('counts messages up to the cap, and decays', () => {
    const { score, counters, value } = scored()
    for (const expected of [1, 2, 3, 4, 4]) {
      counters.deliverFirst()
      expect(value()).toBe(0.5 * 3 * expected)
    }
    score.decay()
    expect(value()).toBe(0.5 * 3 * 2)
  })
})

describe('P3, deliveries in the mesh,', () => {
  const quiet = { timeInMeshWeight: 0, firstMessageDeliveriesWeight: 0 }

  test('is the square of what is missing, from the activation time on', () => {
    const { clock, score, counters, value } = scored({}, quiet)
    counters.graft(0)
    counters.deliverFirst()
    counters.deliverFirst()
    clock.now = 3000
    score.decay()
    expect(value()).toBe(0)
    clock.now = 3001
    score.decay()
    // Two deliveries, halved twice.
    expect(value()).toBe(0.5 * -1 * (6 - 0.5) ** 2)
  })

  test('counts what comes within the window after the first, and only from mesh peers', () => {
    const { clock, score, counters, value } = scored({}, { ...quiet, meshMessageDeliveriesDecay: 1 })
    counters.deliverAgain(0)
    counters.graft(0)
    counters.deliverAgain(10)
    counters.deliverAgain(11)
    clock.now = 4000
    score.decay()
    expect(value()).toBe(0.5 * -1 * (6 - 1) ** 2)
  })

  test('is nothing at the threshold, and deliveries have a cap', () => {
    const { clock, score, counters, value } = scored({}, quiet)
    counters.graft(0)
    for (let i = 0; i < 20; i++) counters.deliverFirst()
    clock.now = 4000
    score.decay()
    // 8, the cap, halved: 4.
    expect(value()).toBe(0.5 * -1 * (6 - 4) ** 2)
    counters.deliverFirst()
    counters.deliverFirst()
    expect(value()).toBe(0)
  })

  test('turns into P3b when the peer leaves the mesh, and that decays', () => {
    const { clock, score, counters, value } = scored({}, quiet)
    counters.graft(0)
    clock.now = 4000
    score.decay()
    expect(value()).toBe(0.5 * -1 * 36)
    counters.prune()
    expect(value()).toBe(0.5 * -2 * 36)
    score.decay()
    expect(value()).toBe(0.5 * -2 * 18)
  })

  test('leaves no P3b if nothing was missing or the time was too short', () => {
    const { clock, score, counters, value } = scored({}, quiet)
    counters.graft(0)
    clock.now = 2000
    score.decay()
    counters.prune()
    expect(value()).toBe(0)
  })
})

describe('P4, invalid messages,', () => {
  test('is the square of their number', () => {
    const { score, counters, value } = scored()
    for (const count of [1, 2, 3]) {
      counters.deliverInvalid()
      expect(value()).toBe(0.5 * -7 * count * count)
    }
    score.decay()
    expect(value()).toBe(0.5 * -7 * 1.5 * 1.5)
  })
})

describe('P5, P6 and P7', () => {
  test('P5 is what the application says', () => {
    expect(scored({ applicationWeight: 4, applicationScore: () => -2.5 }).value()).toBe(-10)
  })

  test('P6 is the square of the peers at one address beyond the threshold', () => {
    const { score, value } = scored({ ipOf: (address) => (address < 10 ? '192.0.2.1' : '192.0.2.2') })
    for (const [others, expected] of [
      [1, 0],
      [2, -5 * 1],
      [3, -5 * 4],
    ] as const) {
      score.connect(addressOf(others))
      expect(value()).toBe(expected)
    }
    score.connect(addressOf(20))
    expect(value()).toBe(-5 * 4)
    expect(score.of(addressOf(20))).toBe(0)
  })

  test('P6 falls when one of the peers is gone and forgotten', () => {
    const { score, clock, value } = scored({ ipOf: () => '192.0.2.1' })
    for (const other of [1, 2, 3]) score.connect(addressOf(other))
    expect(value()).toBe(-5 * 4)
    for (const other of [1, 2, 3]) score.disconnect(addressOf(other))
    // Bad scores are retained, and so is the place of who has one.
    expect(value()).toBe(-5 * 4)
    clock.now = 60_001
    score.decay()
    expect(value()).toBe(0)
    for (const other of [4, 5]) score.connect(addressOf(other))
    expect(value()).toBe(-5)
  })

  test('P7 is the square of the penalties beyond the threshold, and decays', () => {
    const { score, value } = scored()
    score.penalize(peer, 2, 'test')
    expect(value()).toBe(-11 * 4)
    score.decay()
    expect(value()).toBe(-11)
    const lenient = scored({ behaviourPenaltyThreshold: 6 })
    lenient.score.penalize(peer, 6, 'test')
    expect(lenient.value()).toBe(0)
    lenient.score.penalize(peer, 2, 'test')
    expect(lenient.value()).toBe(-11 * 4)
  })
})

describe('the score', () => {
  test('adds up all topics by weight, caps their sum, and adds the rest to that', () => {
    const topics = { news: topic, other: { ...topic, topicWeight: 2 } }
    const { score, counters, value } = scored({ topics, topicScoreCap: 10, applicationScore: () => 1 })
    counters.deliverFirst()
    score.in('other', peer)!.deliverFirst()
    expect(value()).toBe(0.5 * 3 + 2 * 3 + 1)
    counters.deliverFirst()
    score.in('other', peer)!.deliverFirst()
    expect(value()).toBe(10 + 1)
    // The cap holds for rewards only.
    for (let i = 0; i < 5; i++) counters.deliverInvalid()
    expect(value()).toBe(0.5 * 6 + 2 * 6 - 0.5 * 7 * 25 + 1)
  })

  test('in Ethereum: two first deliveries, half an hour in the mesh, an invalid message', () => {
    const ethereum = ethereumScoring({ news: ethereumBlockScoring })
    const { clock, score, counters, value } = scored({ ...ethereum })
    counters.graft(0)
    clock.now = 1_800_000
    score.decay()
    counters.deliverFirst()
    counters.deliverFirst()
    expect(value()).toBeCloseTo(0.5 * (0.0324 * 150 + 2), 10)
    counters.deliverInvalid()
    expect(value()).toBeCloseTo(0.5 * (0.0324 * 150 + 2 - 99), 10)
  })

  test('of a peer that nobody knows, in a topic that does not count, and without scoring is 0', () => {
    const { score } = scored()
    expect(score.of(addressOf(99))).toBe(0)
    for (const name of ['sports', 'constructor', '__proto__']) expect(score.in(name, peer)).toBeUndefined()
    const none = new PeerScore({ now: 0, report: () => undefined } as unknown as Host<never>, undefined)
    none.connect(peer)
    none.penalize(peer, 5, 'test')
    expect(none.of(peer)).toBe(0)
  })

  test('decays to 0 and stays there', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(5), (first, invalid, penalties) => {
        const { score, counters, value } = scored()
        for (let i = 0; i < first; i++) counters.deliverFirst()
        for (let i = 0; i < invalid; i++) counters.deliverInvalid()
        score.penalize(peer, penalties, 'test')
        for (let i = 0; i < 10; i++) score.decay()
        expect(Math.abs(value())).toBe(0)
      }),
      cases(100),
    )
  })

  test('of a bad peer outlives its connection, does not decay meanwhile, and is forgotten in the end', () => {
    const { clock, score, counters, value } = scored()
    counters.deliverFirst()
    counters.deliverInvalid()
    score.disconnect(peer)
    // The reward is gone, the penalty is not.
    expect(value()).toBe(0.5 * -7)
    clock.now = 60_000
    score.decay()
    expect(value()).toBe(0.5 * -7)
    score.connect(peer)
    expect(value()).toBe(0.5 * -7)
    score.disconnect(peer)
    clock.now = 120_001
    score.decay()
    score.connect(peer)
    expect(value()).toBe(0)
  })

  test('of a good peer ends with its connection', () => {
    const { score, counters, value } = scored()
    counters.deliverFirst()
    expect(value()).toBeGreaterThan(0)
    score.disconnect(peer)
    score.connect(peer)
    expect(value()).toBe(0)
  })
})

describe('a decay', () => {
  test('multiplies, and ends at the threshold', () => {
    expect(decayed(10, 0.5, 0.1)).toBe(5)
    expect(decayed(0.3, 0.5, 0.1)).toBe(0.15)
    expect(decayed(0.15, 0.5, 0.1)).toBe(0)
  })
})

describe('parameters that the specification forbids', () => {
  test.each([
    ['a positive weight of a penalty', { behaviourPenaltyWeight: 1 }, 'behaviourPenaltyWeight is 1'],
    ['a negative weight of a reward', { applicationWeight: -1 }, 'applicationWeight is -1'],
    ['a decay that grows', { behaviourPenaltyDecay: 1.5 }, 'behaviourPenaltyDecay is 1.5'],
    ['no peer at an address', { ipColocationThreshold: 0 }, 'ipColocationThreshold is 0'],
    [
      'a graylist above the publish threshold',
      { thresholds: { ...scoring.thresholds, graylist: -5 } },
      'thresholds.graylist is -5',
    ],
    ['a gossip threshold over 0', { thresholds: { ...scoring.thresholds, gossip: 1 } }, 'thresholds.gossip is 1'],
    [
      'a topic of no quantum',
      { topics: { news: { ...topic, timeInMeshQuantum: 0 } } },
      'topics.news.timeInMeshQuantum',
    ],
    [
      'a reward for invalid messages',
      { topics: { news: { ...topic, invalidMessageDeliveriesWeight: 1 } } },
      'topics.news.invalidMessageDeliveriesWeight is 1',
    ],
  ])('%s is refused, and the message names it', (_what, changes, words) => {
    expect(() => scored(changes as Partial<Scoring>)).toThrow(words)
  })
})
