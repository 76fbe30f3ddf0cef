import { bucketsReached, captureOdds, predictedEclipse } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const minute = 60_000
const share = fc.nat(999).map((thousandths) => thousandths / 1000)
const age = fc.double({ min: 0, max: 60 * 24 * 60 * minute, noNaN: true })

describe('the predicted success of an eclipse attack', () => {
  test('is f^8 where all addresses are of one age', () => {
    fc.assert(
      fc.property(share, age, (share, age) => {
        const predicted = predictedEclipse({ share, connectedShare: 0, round: age, duration: age })
        expect(predicted).toBeCloseTo(captureOdds(share), 9)
      }),
      cases(200),
    )
  })

  test('grows with the share, the duration and shorter rounds, and falls with the honest that are connected', () => {
    fc.assert(
      fc.property(share, share, age, age, (share, connected, round, more) => {
        const situation = { share, connectedShare: connected * 0.999 * (1 - share), round, duration: round + more }
        const { connectedShare } = situation
        const odds = predictedEclipse(situation)
        const tiny = 1e-9
        expect(odds).toBeGreaterThanOrEqual(0)
        expect(odds).toBeLessThanOrEqual(1)
        expect(predictedEclipse({ ...situation, duration: 2 * situation.duration })).toBeGreaterThanOrEqual(odds - tiny)
        expect(predictedEclipse({ ...situation, round: round / 2 })).toBeGreaterThanOrEqual(odds - tiny)
        expect(predictedEclipse({ ...situation, connectedShare: connectedShare / 2 })).toBeGreaterThanOrEqual(
          odds - tiny,
        )
        expect(predictedEclipse({ ...situation, connections: 12 })).toBeLessThanOrEqual(odds + tiny)
        const larger = predictedEclipse({ ...situation, share: share + (1 - share - connectedShare) / 2 })
        expect(larger).toBeGreaterThanOrEqual(odds - tiny)
      }),
      cases(200),
    )
  })

  test('suffers from few honest addresses that are connected, hence fresh, more than from many old ones', () => {
    const hours = 60 * minute
    const situation = { share: 0.9, connectedShare: 0, round: 30 * minute, duration: 10 * hours }
    const odds = predictedEclipse(situation)
    expect(predictedEclipse({ ...situation, connectedShare: 0.01 })).toBeLessThan(odds - 0.05)
    expect(predictedEclipse({ ...situation, share: 0.89 })).toBeGreaterThan(odds - 0.03)
  })

  test('is certain with all of the table and impossible with none', () => {
    const situation = { connectedShare: 0, round: minute, duration: 60 * minute }
    expect(predictedEclipse({ ...situation, share: 1 })).toBeCloseTo(1, 9)
    expect(predictedEclipse({ ...situation, share: 0 })).toBe(0)
  })

  test('refuses shares that are none', () => {
    const situation = { share: 0.5, connectedShare: 0.6, round: 0, duration: 0 }
    expect(() => predictedEclipse(situation)).toThrow('connectedShare is 0.6')
    expect(() => predictedEclipse({ ...situation, share: 2 })).toThrow('share is 2')
    expect(() => captureOdds(-0.1)).toThrow('share is -0.1')
    expect(() => bucketsReached(-1)).toThrow('groups is -1')
  })
})

test('groups reach few buckets at first and all in the end', () => {
  expect(bucketsReached(0)).toBe(0)
  expect(bucketsReached(1)).toBeGreaterThan(3.9)
  expect(bucketsReached(1)).toBeLessThan(4)
  expect(bucketsReached(1000)).toBeCloseTo(64, 9)
  expect(bucketsReached(1, { buckets: 256, bucketsPerGroup: 8 })).toBeCloseTo(256 * (1 - (255 / 256) ** 8), 9)
})
