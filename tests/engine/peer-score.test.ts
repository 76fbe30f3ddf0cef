import { bitcoinMisbehaviour, PeerScores, type PeerScoreOptions } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const second = 1000
const day = 86_400_000

describe('a score', () => {
  test('is 0 for a stranger, and moves with what the peer did', () => {
    const scores = new PeerScores()
    expect([scores.of(1, 0), scores.isGraylisted(1, 0)]).toEqual([0, false])
    scores.reward(1, 30, 0)
    scores.penalize(1, 50, 0)
    scores.penalize(2, 1, 0)
    expect([scores.of(1, 0), scores.of(2, 0), scores.of(3, 0)]).toEqual([-20, -1, 0])
  })

  test('fades once in each interval, towards 0 from both sides, and is 0 in the end', () => {
    const scores = new PeerScores({ decay: 0.5 })
    scores.penalize(1, 80, 0)
    scores.reward(2, 80, 0)
    expect([scores.of(1, 999), scores.of(1, 1000), scores.of(1, 2999), scores.of(2, 2000)]).toEqual([-80, -40, -20, 20])
    expect([scores.of(1, 12 * second), scores.of(1, 13 * second)]).toEqual([-80 / 4096, 0])
  })

  test('fades on the hour, not from the deed: two peers judged in one interval fade together', () => {
    const scores = new PeerScores({ decay: 0.5 })
    scores.penalize(1, 8, 10)
    scores.penalize(2, 8, 990)
    expect([scores.of(1, 1000), scores.of(2, 1000)]).toEqual([-4, -4])
  })

  test('is the same to the last bit, whoever looked at it when', () => {
    const deed = fc.record({ pause: fc.nat(5000), points: fc.nat(60), isGood: fc.boolean(), looks: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 30, size: 'max' }), (deeds) => {
        const watched = new PeerScores({ decay: 0.93 })
        const unwatched = new PeerScores({ decay: 0.93 })
        let now = 0
        for (const { pause, points, isGood, looks } of deeds) {
          for (let i = 1; i <= looks; i++) watched.of(1, now + (pause * i) / (looks + 1))
          now += pause
          for (const scores of [watched, unwatched]) scores[isGood ? 'reward' : 'penalize'](1, points, now)
        }
        expect(watched.of(1, now)).toBe(unwatched.of(1, now))
        expect(watched.isGraylisted(1, now)).toBe(unwatched.isGraylisted(1, now))
      }),
      cases(300),
    )
  })

  test('is bounded for the good: who behaved for a year betrays on the same credit as who did for an hour', () => {
    const scores = new PeerScores({ cap: 50, decay: 1 })
    for (let i = 0; i < 1000; i++) scores.reward(1, 10, i)
    expect(scores.of(1, 1000)).toBe(50)
    expect([scores.penalize(1, 149, 1000), scores.penalize(1, 1, 1000)]).toEqual([false, true])
  })
})

describe('the graylist', () => {
  test('begins at the threshold and ends when the score has faded back over it', () => {
    const scores = new PeerScores({ decay: 0.5, graylistAt: -100 })
    expect(scores.penalize(1, 99, 0)).toBe(false)
    expect(scores.isGraylisted(1, 0)).toBe(false)
    expect(scores.penalize(1, 301, 0)).toBe(true)
    expect([0, 999, 1000, 1999, 2000, 3000].map((now) => scores.isGraylisted(1, now))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ])
  })

  test('of Bitcoin lasts for a day and begins with a hundred points that nothing forgives', () => {
    const scores = new PeerScores(bitcoinMisbehaviour)
    const verdicts = [0, 1, 2, 3, 4].map((weeks) => scores.penalize(1, 20, weeks * 7 * day))
    expect(verdicts).toEqual([false, false, false, false, true])
    const banned = 28 * day
    expect([scores.isGraylisted(1, banned + day - 1), scores.isGraylisted(1, banned + day)]).toEqual([true, false])
    expect(scores.of(1, banned + day)).toBe(0)
    scores.reward(1, 1000, banned + day)
    expect(scores.of(1, banned + day)).toBe(0)
  })

  test('is no place to earn points, nor to lose more', () => {
    const scores = new PeerScores({ graylistFor: 10 * second })
    scores.penalize(1, 100, 0)
    scores.reward(1, 100, 0)
    expect([scores.penalize(1, 500, 0), scores.of(1, 0), scores.isGraylisted(1, 10 * second)]).toEqual([
      false,
      0,
      false,
    ])
  })

  test('catches who strikes fast and rests if the decay is slow, and not if it is fast', () => {
    const strikes = (decay: number): boolean => {
      const scores = new PeerScores({ decay })
      // An offence, then half a minute of peace, again and again.
      return Array.from({ length: 20 }, (_, i) => scores.penalize(1, 40, i * 30 * second)).includes(true)
    }
    expect([strikes(0.99), strikes(0.8)]).toEqual([true, false])
  })
})

describe('the memory', () => {
  test('is bounded: the score nearest to 0 goes first, and nobody sheds the graylist by a crowd of strangers', () => {
    const scores = new PeerScores({ maxPeers: 3, decay: 1 })
    scores.penalize(1, 100, 0)
    scores.penalize(2, 50, 0)
    scores.reward(3, 2, 0)
    for (let stranger = 10; stranger < 100; stranger++) scores.penalize(stranger, 1, 0)
    expect([scores.peers, scores.isGraylisted(1, 0), scores.of(2, 0), scores.of(3, 0)]).toEqual([3, true, -50, 0])
  })
})

test('a ban is remembered, though the score begins anew at 0', () => {
  const scores = new PeerScores({ ...bitcoinMisbehaviour, maxPeers: 2 })
  scores.penalize(1, 100, 0)
  for (let stranger = 10; stranger < 20; stranger++) scores.penalize(stranger, 50, 0)
  expect([scores.of(1, 0), scores.isGraylisted(1, 0)]).toEqual([0, true])
})

describe('scores refuse', () => {
  test.each<[string, PeerScoreOptions, string]>([
    ['a threshold that a stranger meets', { graylistAt: 0 }, 'graylistAt is 0'],
    ['growth', { decay: 1.1 }, 'decay is 1.1'],
    ['a decay that takes for ever', { decay: 0.99999 }, 'decay is 0.99999'],
    ['a time of nothing', { graylistFor: 0 }, 'graylistFor is 0'],
    ['an interval of nothing', { decayInterval: 0 }, 'decayInterval is 0'],
  ])('%s', (_what, options, message) => {
    expect(() => new PeerScores(options)).toThrow(message)
  })

  test('points that are none, and time that runs backwards', () => {
    const scores = new PeerScores()
    expect(() => scores.penalize(1, -5, 0)).toThrow('points is -5')
    expect(() => scores.reward(1, NaN, 0)).toThrow('points is NaN')
    scores.penalize(1, 1, 5000)
    expect(() => scores.of(1, 100)).toThrow('time only grows')
  })
})
