import { TokenBucket, type TokenBucketOptions } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const options: fc.Arbitrary<Required<TokenBucketOptions>> = fc
  .record({
    burst: fc.integer({ min: 1, max: 2000 }),
    tokens: fc.integer({ min: 1, max: 5000 }),
    perMicros: fc.integer({ min: 1, max: 20_000_000 }),
    initialShare: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ burst, tokens, perMicros, initialShare }) => {
    return { burst, tokens, per: perMicros / 1000, initial: Math.floor(initialShare * burst) }
  })

/** Requests: microseconds since the one before, and how many tokens are asked for. */
const requests = fc.array(
  fc.record({ pause: fc.oneof(fc.nat(50), fc.nat(5_000_000)), count: fc.integer({ min: 1, max: 300 }) }),
  { maxLength: 60, size: 'max' },
)

const micros = (millis: number): bigint => BigInt(Math.round(millis * 1000))

describe('a token bucket', () => {
  test('lets through no more than b + r·t in any window, counted in whole numbers', () => {
    fc.assert(
      fc.property(options, requests, (options, requests) => {
        const bucket = new TokenBucket(options)
        const passed: { time: bigint; count: bigint }[] = []
        let time = 0
        for (const { pause, count } of requests) {
          time += pause
          if (bucket.take(time / 1000, count)) passed.push({ time: BigInt(time), count: BigInt(count) })
        }
        for (const [first, { time: begin }] of passed.entries()) {
          let sum = 0n
          for (const { time: end, count } of passed.slice(first)) {
            sum += count
            // sum <= burst + tokens / per · window, without a division.
            const [burst, tokens, per] = [BigInt(options.burst), BigInt(options.tokens), micros(options.per)]
            expect(sum * per <= burst * per + tokens * (end - begin)).toBe(true)
          }
        }
      }),
      cases(300),
    )
  })

  test('lets through all that it may: just what exact fractions say, however odd the times', () => {
    fc.assert(
      fc.property(options, requests, (options, requests) => {
        const bucket = new TokenBucket(options)
        // The level times `per`, so that it is whole.
        const per = micros(options.per)
        const full = BigInt(options.burst) * per
        let level = BigInt(options.initial) * per
        let time = 0
        for (const { pause, count } of requests) {
          time += pause
          level += BigInt(options.tokens) * BigInt(pause)
          if (level > full) level = full
          const isEnough = level >= BigInt(count) * per
          expect(bucket.available(time / 1000)).toBe(Number(level / per))
          expect(bucket.isFull(time / 1000)).toBe(level === full)
          expect(bucket.take(time / 1000, count)).toBe(isEnough)
          if (isEnough) level -= BigInt(count) * per
        }
      }),
      cases(300),
    )
  })

  test('says to the microsecond when there will be enough', () => {
    fc.assert(
      fc.property(options, fc.nat(10_000_000), fc.integer({ min: 1, max: 2500 }), (options, time, count) => {
        const bucket = new TokenBucket(options)
        const now = time / 1000
        const wait = bucket.timeUntil(now, count)
        if (count > options.burst) {
          expect(wait).toBe(Infinity)
        } else if (wait === 0) {
          expect(bucket.take(now, count)).toBe(true)
        } else {
          const later = Math.round((now + wait) * 1000)
          expect(bucket.available((later - 1) / 1000)).toBeLessThan(count)
          expect(bucket.take(later / 1000, count)).toBe(true)
        }
      }),
      cases(300),
    )
  })

  test('does not drift: after a million steps of a tenth of a token it has given just a tenth of that', () => {
    const bucket = new TokenBucket({ burst: 5, tokens: 1, per: 10, initial: 0 })
    let taken = 0
    for (let step = 1; step <= 1_000_000; step++) if (bucket.take(step)) taken++
    expect(taken).toBe(100_000)
  })

  test('of one third of a token a millisecond gives one token each third millisecond', () => {
    const bucket = new TokenBucket({ burst: 1, tokens: 1, per: 3, initial: 0 })
    const times: number[] = []
    for (let now = 0; now < 30; now++) if (bucket.take(now)) times.push(now)
    expect(times).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27])
    expect([bucket.timeUntil(29.999), bucket.take(29.999), bucket.timeUntil(30), bucket.take(30)]).toEqual([
      0.001,
      false,
      0,
      true,
    ])
  })

  test('gives nothing for the time before it was made', () => {
    const bucket = new TokenBucket({ burst: 10, tokens: 1, per: 1000, initial: 0 }, 60_000)
    expect([bucket.available(60_999), bucket.available(61_000)]).toEqual([0, 1])
    expect(() => new TokenBucket({ burst: 10, tokens: 1, per: 1000 }, 60_000).take(59_000)).toThrow('time only grows')
  })

  test('takes nothing when there is not enough', () => {
    const bucket = new TokenBucket({ burst: 10, tokens: 1, per: 1000 })
    expect([bucket.take(0, 11), bucket.take(0, 10), bucket.take(0, 1), bucket.take(0, 0)]).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  test('is granted more than fits in, which does not come back by itself', () => {
    const bucket = new TokenBucket({ burst: 1000, tokens: 1, per: 10_000, initial: 1 })
    bucket.grant(0, 1500)
    expect([bucket.available(0), bucket.available(100_000), bucket.isFull(0 + 100_000)]).toEqual([1501, 1501, true])
    expect(bucket.take(100_000, 1501)).toBe(true)
    expect(bucket.available(100_000 + 20_000_000)).toBe(1000)
  })
})

describe('a token bucket refuses', () => {
  test.each([
    ['no burst', { burst: 0, tokens: 1, per: 1 }, 'burst is 0'],
    ['half a token', { burst: 1, tokens: 0.5, per: 1 }, 'tokens is 0.5'],
    ['no time', { burst: 1, tokens: 1, per: 0 }, 'per is 0'],
    ['more at the beginning than fits in', { burst: 1, tokens: 1, per: 1, initial: 2 }, 'initial is 2'],
    ['what cannot be exact', { burst: 2 ** 40, tokens: 7, per: 1e9 }, 'choose a smaller burst or a rounder rate'],
  ])('%s', (_what, options, message) => {
    expect(() => new TokenBucket(options)).toThrow(message)
  })

  test('time that runs backwards, and counts that are none', () => {
    const bucket = new TokenBucket({ burst: 1, tokens: 1, per: 1 })
    bucket.take(10)
    expect(() => bucket.take(9)).toThrow('time only grows')
    expect(() => bucket.take(10, -1)).toThrow('count is -1')
    expect(() => bucket.take(10, 0.5)).toThrow('count is 0.5')
    expect(() => bucket.grant(10, 2 ** 52)).toThrow('tokens are')
  })
})
