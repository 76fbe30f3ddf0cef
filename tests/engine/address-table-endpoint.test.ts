import { deriveStream } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import {
  endpointBook,
  endpointOf,
  formatEndpoint,
  groupOf,
  hostOf,
  isRoutable,
  pack,
  parseEndpoint,
  portOf,
  randomEndpoint,
  subnetOf,
} from '../../engine/protocols/address-table/endpoint.ts'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

const octet = fc.nat(255)
const port = fc.integer({ min: 1, max: 65_535 })

describe('an endpoint', () => {
  test('is read and written without loss, and its parts are what was written', () => {
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), port, (octets, port) => {
        const text = `${octets.join('.')}:${port}`
        const endpoint = parseEndpoint(text)!
        expect(formatEndpoint(endpoint)).toBe(text)
        const [a, b, c, d] = octets
        expect(hostOf(endpoint)).toBe(((a * 256 + b) * 256 + c) * 256 + d)
        expect([portOf(endpoint), groupOf(endpoint), subnetOf(endpoint)]).toEqual([
          port,
          a * 256 + b,
          (a * 256 + b) * 256 + c,
        ])
        expect(pack(hostOf(endpoint), portOf(endpoint))).toBe(endpoint)
        expect(Number.isSafeInteger(endpoint) && endpoint < 2 ** 48).toBe(true)
      }),
      cases(300),
    )
  })

  test.each([
    ['an octet over 255', '1.2.3.256:8333'],
    ['three octets', '1.2.3:8333'],
    ['five octets', '1.2.3.4.5:8333'],
    ['an empty octet', '1..3.4:8333'],
    ['a leading zero, which is octal to some', '1.2.3.04:8333'],
    ['a sign', '1.2.3.-4:8333'],
    ['a hexadecimal octet', '1.2.3.0x4:8333'],
    ['no port', '1.2.3.4'],
    ['an empty port', '1.2.3.4:'],
    ['port 0', '1.2.3.4:0'],
    ['a port over 65535', '1.2.3.4:65536'],
    ['a port of many digits', '1.2.3.4:99999999999999999999'],
    ['blanks around', ' 1.2.3.4:8333 '],
    ['a line break behind', '1.2.3.4:8333\n'],
    ['digits of another script', '1.2.3.٤:8333'],
    ['IPv6', '[::1]:8333'],
    ['a name', 'example.org:8333'],
    ['nothing', ''],
  ])('with %s is none', (_what, text) => {
    expect(parseEndpoint(text)).toBeUndefined()
    expect(() => endpointOf(text)).toThrow('write it as 203.0.113.7:8333')
  })

  test('is nothing but a text', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        const endpoint = parseEndpoint(value)
        if (endpoint !== undefined) expect(formatEndpoint(endpoint)).toBe(value)
      }),
      cases(300),
    )
  })
})

describe('nobody can reach', () => {
  test.each([
    ['this host', '0.1.2.3', '127.0.0.1'],
    ['private networks', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.255.1'],
    ['link-local addresses', '169.254.7.7'],
    ['shared addresses of providers', '100.64.0.1', '100.127.255.254'],
    ['networks for benchmarks', '198.18.0.1', '198.19.255.1'],
    ['networks for documentation', '192.0.2.1', '198.51.100.1', '203.0.113.255'],
    ['everybody at once', '255.255.255.255'],
  ])('%s', (_what, ...hosts) => {
    for (const host of hosts) expect(isRoutable(endpointOf(`${host}:8333`)), host).toBe(false)
  })

  test('their neighbors can be reached, and so can the reserved range that attackers use', () => {
    for (const host of [
      '1.0.0.0',
      '9.255.255.255',
      '11.0.0.0',
      '126.255.255.255',
      '128.0.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.167.255.255',
      '192.169.0.0',
      '169.253.255.255',
      '100.63.255.255',
      '100.128.0.0',
      '198.17.255.255',
      '198.20.0.0',
      '192.0.3.0',
      '252.1.2.3',
      '255.255.255.254',
    ])
      expect(isRoutable(endpointOf(`${host}:8333`)), host).toBe(true)
  })
})

test('a random endpoint is routable and has the port', () => {
  const random = deriveStream(1, 'endpoints')
  for (let i = 0; i < 1000; i++) {
    const endpoint = randomEndpoint(random, 8333)
    expect([isRoutable(endpoint), portOf(endpoint), hostOf(endpoint) < 224 * 2 ** 24]).toEqual([true, 8333, true])
  }
})

describe('an address book of endpoints', () => {
  const endpoints = ['1.2.3.4:8333', '1.2.3.4:8334', '5.6.7.8:8333'].map(endpointOf)

  test('leads from a node to its endpoint and back, and from a stranger nowhere', () => {
    const book = endpointBook(endpoints)
    expect(endpoints.map((_, node) => book.nodeOf(book.addressOf(node)))).toEqual([0, 1, 2])
    expect(book.nodeOf(endpointOf('9.9.9.9:8333'))).toBe(-1)
    expect(Array.from(book.addressesOf(Int32Array.of(2, 0)))).toEqual([endpoints[2], endpoints[0]])
  })

  test('does not put two nodes at one place', () => {
    expect(() => endpointBook([...endpoints, endpoints[0]!])).toThrow('two nodes are at 1.2.3.4:8333')
  })
})
