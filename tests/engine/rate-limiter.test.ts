import { RateLimiter, type RateVerdict } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

/** What came of `count` packets of one peer, one each `gap` ms from `start` on. */
function send(limiter: RateLimiter, peer: number, count: number, gap = 0, start = 0): RateVerdict[] {
  return Array.from({ length: count }, (_, i) => limiter.judge(peer, start + i * gap))
}

const allowed = (verdicts: readonly RateVerdict[]): number => verdicts.filter((each) => each === 'allowed').length

const slow = { burst: 5, tokens: 1, per: 1000 }

describe('a limit a peer', () => {
  test('stops the one that floods and none of the others', () => {
    const limiter = new RateLimiter({ perPeer: slow })
    const flood = send(limiter, 666, 1000)
    expect([allowed(flood), flood.at(-1)]).toEqual([5, 'peer-limit'])
    for (let peer = 0; peer < 10; peer++) expect(allowed(send(limiter, peer, 5))).toBe(5)
    expect(limiter.account(666)).toEqual({ allowed: 5, refused: 995 })
  })

  test('is no limit where each packet comes from a new address; the bound on peers is, and strikes the honest as well', () => {
    const limiter = new RateLimiter({ perPeer: slow, maxPeers: 100 })
    limiter.judge(-1, 0)
    const verdicts = Array.from({ length: 1000 }, (_, forged) => limiter.judge(forged, 0))
    expect(allowed(verdicts)).toBe(99)
    expect(limiter.judge(5000, 0)).toBe('too-many-peers')
    expect([limiter.peers, limiter.judge(-1, 0)]).toEqual([100, 'allowed'])
  })

  test('forgets who has been silent until the bucket is full again, and nobody else', () => {
    const limiter = new RateLimiter({ perPeer: slow, maxPeers: 3 })
    for (const peer of [1, 2, 3]) send(limiter, peer, peer)
    expect(limiter.judge(4, 999)).toBe('too-many-peers')
    expect(limiter.judge(4, 1000)).toBe('allowed') // the bucket of 1 is full
    expect([limiter.account(1), limiter.account(2)?.allowed, limiter.peers]).toEqual([undefined, 2, 3])
  })

  test('gives nobody who was forgotten more than a stranger has', () => {
    const limiter = new RateLimiter({ perPeer: slow })
    send(limiter, 1, 5)
    limiter.forget(1)
    expect(allowed(send(limiter, 1, 20))).toBe(5)
  })

  test('lets through what was granted', () => {
    const limiter = new RateLimiter({ perPeer: slow })
    limiter.grant(1, 0, 100)
    expect(allowed(send(limiter, 1, 200))).toBe(105)
    expect(allowed(send(limiter, 2, 200))).toBe(5)
  })
})

describe('a limit overall', () => {
  test('starves the honest: a flood takes all the tokens', () => {
    const limiter = new RateLimiter({ overall: { burst: 10, tokens: 10, per: 1000 } })
    let honest = 0
    for (let ms = 0; ms < 10_000; ms++) {
      send(limiter, 666, 10, 0, ms)
      if (ms % 1000 === 500 && limiter.judge(1, ms) === 'allowed') honest++
    }
    expect(honest).toBe(0)
  })

  test('and one a peer: the flood passes at its own rate, and the honest pass', () => {
    const limiter = new RateLimiter({ perPeer: slow, overall: { burst: 10, tokens: 10, per: 1000 } })
    let honest = 0
    for (let ms = 0; ms < 10_000; ms++) {
      send(limiter, 666, 10, 0, ms)
      if (ms % 1000 === 500 && limiter.judge(1, ms) === 'allowed') honest++
    }
    expect([honest, limiter.account(666)!.allowed]).toEqual([10, 5 + 9])
  })

  test('takes nothing from a peer that it refuses', () => {
    const limiter = new RateLimiter({ perPeer: slow, overall: { burst: 1, tokens: 1, per: 1000 } })
    expect(send(limiter, 1, 3)).toEqual(['allowed', 'overall-limit', 'overall-limit'])
    expect(send(limiter, 1, 4, 1000, 1000)).toEqual(['allowed', 'allowed', 'allowed', 'allowed'])
  })
})

test('without any limit everything passes, and is counted', () => {
  const limiter = new RateLimiter({})
  expect(allowed(send(limiter, 1, 100))).toBe(100)
  expect(limiter.account(1)).toEqual({ allowed: 100, refused: 0 })
  expect(() => new RateLimiter({ maxPeers: 0 })).toThrow('maxPeers is 0')
})
