import {
  deriveStream,
  idOf,
  maxAddress,
  pass,
  replace,
  topologyFromEdges,
  xorDistance,
  type Address,
  type Contact,
  type Id,
  type Message,
  type RequestMessage,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { ChordNetwork, type ChordNetworkOptions, type Report } from '../support/dht.ts'

const keys = Array.from({ length: 30 }, (_, i) => idOf(`key ${i}`))

function lookup(network: ChordNetwork, from: number, target: Id): Report['detail'] {
  return network.do(from, { type: 'lookup', target }).detail
}

describe('a message that is malformed', () => {
  const id = idOf('somebody')
  const messages: [what: string, message: unknown][] = [
    ['a request without an id of its own', { type: 'ping', sender: id }],
    ['an unknown type', { type: 'find-node', requestId: 1, sender: id }],
    ['no sender', { type: 'ping', requestId: 1 }],
    ['a sender of 20 bytes', { type: 'get-neighbors', requestId: 1, sender: idOf('x', 20) }],
    ['no target', { type: 'find-successor', requestId: 1, sender: id }],
    ['a target that is text', { type: 'find-successor', requestId: 1, sender: id, target: 'x' }],
    ['a notice without a sender', { type: 'notify' }],
    ['a notice with a short sender', { type: 'notify', sender: Uint8Array.of(1) }],
  ]

  test.each(messages)('is reported and dropped: %s', (_, message) => {
    const network = new ChordNetwork({ size: 2, topology: topologyFromEdges(2, []) })
    network.simulation.inject(1, 0, message as Message)
    network.simulation.runUntil(1000)
    expect(network.reports.map(({ node, event }) => [node, event])).toEqual([[0, 'malformed']])
    expect(network.simulation.packets.sent).toBe(1)
    expect(network.nodes[0]!.table.predecessor).toBeUndefined()
  })
})

describe('a third of the nodes lie, and lookups of the others find the owner among those that do not:', () => {
  interface Answer extends Message {
    readonly closer: readonly Contact[]
    readonly owners: readonly Contact[]
  }
  const nobody = (id: Id, address = maxAddress): Contact => ({ id, address: address as Address })
  const near = (target: Id): Id => xorDistance(target, new Uint8Array(32).fill(1, 31))

  function deceived(lie: (answer: Answer) => object, options: Partial<ChordNetworkOptions> = {}): ChordNetwork {
    const network = new ChordNetwork({ size: 40, isStable: true, timeout: 500, successors: 12, ...options })
    const rule: Rule = {
      name: 'lie',
      judge: ({ from, message }) =>
        from % 3 === 0 && message.type === 'route' ? replace(lie(message as Answer) as Message) : pass,
    }
    network.simulation.addRule(rule)
    return network
  }

  const lies: [what: string, lie: (answer: Answer) => object][] = [
    ['no lists', (answer) => ({ ...answer, closer: null })],
    ['owners that are none', (answer) => ({ ...answer, owners: [1, null] })],
    ['an address that is none', (answer) => ({ ...answer, closer: [nobody(keys[0]!, -1)] })],
    ['an answer of another kind', (answer) => ({ ...answer, type: 'neighbors' })],
    ['an id that is not theirs', (answer) => ({ ...answer, sender: idOf('mask') })],
    ['nobody just before the key', (answer) => ({ ...answer, closer: keys.map((key) => nobody(near(key))) })],
    ['nobody as the owner', (answer) => ({ ...answer, closer: [], owners: keys.map((key) => nobody(key)) })],
    ['nothing at all', (answer) => ({ ...answer, closer: [], owners: [] })],
  ]

  const honest = Array.from({ length: 40 }, (_, node) => node).filter((node) => node % 3 !== 0)

  // Who answers pings truly is there, whatever it says of others: so the owner may be a liar itself.
  test.each(lies)('%s', (_, lie) => {
    const network = deceived(lie)
    const random = deriveStream(1, 'askers')
    for (const key of [...keys, ...keys])
      expect(lookup(network, random.pick(honest), key)['owner']).toBe(network.oracle(key))
  })

  test('who answers under another id is reported and forgotten', () => {
    const network = deceived((answer) => ({ ...answer, sender: idOf('mask') }))
    for (const key of keys) lookup(network, 1, key)
    const caught = new Set(network.events('wrong-id').map(({ detail }) => detail['from'] as number))
    expect(caught.size).toBeGreaterThan(0)
    const { successors, fingers } = network.nodes[1]!.table
    for (const { address } of [...successors, ...fingers]) expect(caught).not.toContain(address)
  })

  test('names without number, and the asker gives up after two hundred', () => {
    let made = 0
    const network = new ChordNetwork({ size: 40, isStable: true, timeout: 500, successors: 12 })
    const crowd = ({ closer, ...answer }: Answer): object => ({
      ...answer,
      closer: [...Array.from({ length: 90 }, () => nobody(near(keys[0]!), 1e6 + made++)), ...closer.slice(0, 10)],
    })
    const rule: Rule = {
      name: 'crowd',
      judge: ({ message }) => (message.type === 'route' ? replace(crowd(message as Answer) as Message) : pass),
    }
    network.simulation.addRule(rule)
    const asked = network.contacts.map(({ address }) => lookup(network, address, keys[0]!)['asked'] as number)
    expect(Math.max(...asked)).toBeGreaterThan(200)
    // And at the end the owners that it was told of.
    expect(Math.max(...asked)).toBeLessThanOrEqual(200 + 12)
  })

  test('nobody as the owner, again and again, and the asker tries it once', () => {
    const lie = (answer: Answer): object => ({ ...answer, closer: [], owners: [nobody(keys[0]!)] })
    const network = deceived(lie, { stabilizeInterval: 1e9 })
    const attempts: number[] = []
    network.simulation.observe({
      onDrop: (_time, _from, _to, message) => void attempts.push((message as RequestMessage).requestId),
    })
    let deceptions = 0
    for (const from of honest) {
      attempts.length = 0
      lookup(network, from, keys[0]!)
      if (attempts.length === 0) continue
      deceptions++
      expect([attempts.length, new Set(attempts).size], 'one request, in two attempts').toEqual([2, 1])
    }
    expect(deceptions).toBeGreaterThan(5)
  })

  const neighborLies: [what: string, lie: (answer: object) => object][] = [
    ['an address that is none', (answer) => ({ ...answer, predecessor: nobody(keys[0]!, -1) })],
    ['a predecessor that is none', (answer) => ({ ...answer, predecessor: 'me' })],
    ['no predecessor, not even null', ({ ...answer }) => ({ type: 'neighbors', ...answer, predecessor: false })],
    ['no successors', (answer) => ({ ...answer, successors: null })],
    ['successors that are none', (answer) => ({ ...answer, successors: [{ id: keys[0]!, address: 0.5 }] })],
  ]

  test.each(neighborLies)('neighbors that are malformed are no neighbors: %s', (_, lie) => {
    const network = new ChordNetwork({ size: 12, isStable: true, timeout: 1000 })
    const rule: Rule = {
      name: 'lie',
      judge: ({ message }) => (message.type === 'neighbors' ? replace(lie(message) as Message) : pass),
    }
    network.simulation.addRule(rule)
    network.simulation.runUntil(31_000)
    expect(network.events('malformed').length).toBeGreaterThanOrEqual(12)
    const known = network.nodes.flatMap(({ table }) => [table.predecessor, ...table.successors, ...table.fingers])
    expect(known.every((contact) => contact === undefined || contact.address < 12)).toBe(true)
  })
})
