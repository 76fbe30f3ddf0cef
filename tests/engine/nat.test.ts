/** RFC 4787, requirement by requirement. */
import { deriveStream, NatBox, type Endpoint, type NatBehavior, type NatOptions } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const box = (options: NatOptions = {}, seed = 1): NatBox => new NatBox(options, deriveStream(seed, 'nat'))
const at = (ip: string, port: number): Endpoint => ({ ip, port })
const inside = at('10.0.0.2', 4001)
const [alice, aliceElsewhere, bob] = [at('1.0.0.1', 80), at('1.0.0.1', 81), at('2.0.0.1', 80)]
const second = 1e6
const behaviors: NatBehavior[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent']

describe('mapping', () => {
  test.each([
    ['endpoint-independent', 1],
    ['address-dependent', 2],
    ['address-and-port-dependent', 3],
  ] as const)('that is %s uses %i ports for two ports of one host and one of another', (mapping, ports) => {
    const nat = box({ mapping })
    const used = [alice, aliceElsewhere, bob, alice].map((to) => nat.outbound(inside, to, 0))
    expect(new Set(used).size).toBe(ports)
    expect(nat.mappings(0).length).toBe(ports)
  })

  test('keeps the inside port while it is free, and never gives one port to two', () => {
    const nat = box()
    expect(nat.outbound(inside, alice, 0)).toBe(4001)
    expect(nat.outbound(at('10.0.0.3', 4001), alice, 0)).toBe(4002)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)), { maxLength: 200 }),
        fc.constantFrom('preserving', 'sequential', 'random'),
        fc.constantFrom(...behaviors),
        (packets, ports, mapping) => {
          const any = box({ ports, mapping })
          const owners = new Map<number, string>()
          for (const [host, port, remote] of packets) {
            const from = at(`10.0.0.${host}`, 5000 + port)
            const outside = any.outbound(from, at(`9.0.0.${remote}`, 80), 0)!
            const owner = owners.get(outside) ?? `${from.ip}:${from.port}`
            expect(owner).toBe(`${from.ip}:${from.port}`)
            expect(any.behind(outside, 0)).toEqual(from)
            owners.set(outside, owner)
          }
        },
      ),
      cases(60),
    )
  })

  test('counts up, or jumps about, where ports are not preserved', () => {
    const hosts = Array.from({ length: 50 }, (_, i) => at(`10.0.0.${i}`, 4001))
    const sequential = box({ ports: 'sequential' })
    expect(hosts.map((from) => sequential.outbound(from, alice, 0))).toEqual(hosts.map((_, i) => 1024 + i))
    const random = box({ ports: 'random' })
    const drawn = hosts.map((from) => random.outbound(from, alice, 0)!)
    expect(new Set(drawn).size).toBe(50)
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(30_000)
  })

  test('ends after its timeout without packets from inside, and its port is free again', () => {
    const nat = box({ timeout: 120_000 })
    const port = nat.outbound(inside, alice, 0)!
    nat.outbound(inside, alice, 100 * second)
    expect(nat.inbound(port, alice, 219 * second)).toEqual(inside)
    expect(nat.inbound(port, alice, 220 * second)).toBe('no NAT mapping')
    expect(nat.outbound(at('10.0.0.3', 4001), alice, 220 * second)).toBe(port)
  })

  test('is kept alive by packets from outside only where that is asked for', () => {
    for (const refreshInbound of [false, true]) {
      const nat = box({ timeout: 120_000, refreshInbound })
      const port = nat.outbound(inside, alice, 0)!
      nat.inbound(port, alice, 100 * second)
      expect(nat.behind(port, 200 * second)).toEqual(refreshInbound ? inside : undefined)
    }
  })

  test('runs out of ports one day, and says so', () => {
    const nat = box({ mapping: 'address-and-port-dependent', ports: 'sequential' })
    for (let port = 1024; port <= 65_535; port++) expect(nat.outbound(inside, at('3.0.0.1', port), 0)).toBe(port)
    expect(nat.outbound(inside, bob, 0)).toBeUndefined()
    expect(nat.outbound(inside, bob, 301 * second)).toBe(1024)
  })
})

describe('filtering', () => {
  test.each([
    ['endpoint-independent', true, true, true],
    ['address-dependent', true, true, false],
    ['address-and-port-dependent', true, false, false],
  ] as const)('that is %s lets in: the peer %s, its other port %s, a stranger %s', (filtering, ...lets) => {
    const nat = box({ filtering })
    const port = nat.outbound(inside, alice, 0)!
    const let_ = [alice, aliceElsewhere, bob].map((from) => typeof nat.inbound(port, from, 1) === 'object')
    expect(let_).toEqual(lets)
  })

  test('lets nobody in where nothing was sent', () => {
    for (const filtering of behaviors) expect(box({ filtering }).inbound(4001, alice, 0)).toBe('no NAT mapping')
  })
})

test.each([
  [{ mapping: 'symmetric' }, 'NAT mapping is "symmetric"; it must be endpoint-independent'],
  [{ filtering: 'none' }, 'NAT filtering is "none"'],
  [{ ports: 'odd' }, 'NAT ports is "odd"'],
  [{ timeout: -1 }, 'NAT timeout (ms) is -1'],
])('a NAT refuses %j', (options, message) => {
  expect(() => box(options as NatOptions)).toThrow(message)
})
