/**
 * Amplification: how many bytes of payload a victim gets for each that the attacker sends to a reflector. The factors are
 * those of US-CERT's alert TA14-017A (2014), after Rossow, "Amplification Hell", NDSS 2014; what limits QUIC is RFC 9000,
 * section 8.1. The engine takes the factor and shows what comes of it: spoofed queries go out, and bytes are counted on
 * the victim's line.
 */
import { test } from 'vitest'
import { query, Reflection } from '../support/reflection.ts'
import { expectPublished } from './results.ts'

for (const [service, factor] of [
  ['DNS, least', 28],
  ['DNS, most', 54],
  ['NTP', 556.9],
  ['SSDP', 30.8],
  ['CharGEN', 358.8],
  ['BitTorrent', 3.8],
  ['Kad', 16.3],
] as const) {
  test(`a victim of ${service} gets ${factor} times what the attacker sends`, () => {
    const measured = new Reflection({ factor }).ask(Array<typeof query>(10).fill(query), 2).factorTo(2)
    // Packets have whole bytes, and the rest of an answer that is too small for one is not sent.
    const reference = { quantity: `amplification: ${service}`, source: 'US-CERT TA14-017A' }
    expectPublished({ ...reference, published: factor, tolerance: 0.02 }, [measured])
  })
}

test('a victim of QUIC, which has shown nothing, gets 3 times what the attacker sends', () => {
  const measured = new Reflection({ factor: 500, limit: 3 }).ask(Array<typeof query>(10).fill(query), 2).factorTo(2)
  const reference = {
    quantity: 'amplification: QUIC, before the address is validated',
    source: 'RFC 9000, section 8.1',
  }
  expectPublished({ ...reference, published: 3, tolerance: 0.02 }, [measured])
})
