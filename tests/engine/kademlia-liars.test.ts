import {
  closestContacts,
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
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { KademliaNetwork } from '../support/dht.ts'

const minute = 60_000
const id = idOf('somebody')
const find = { type: 'find-node', requestId: 1, sender: id, target: id }
const store = { type: 'add-provider', requestId: 1, sender: id, target: id, token: new Uint8Array(8) }

/** Everything that a request may get wrong. */
const malformed: [what: string, message: unknown][] = [
  ['no request id', { type: 'ping', sender: id }],
  ['no type', { requestId: 1, sender: id, type: '' }],
  ['an unknown type', { ...find, type: 'find-everything' }],
  ['no sender', { type: 'ping', requestId: 1 }],
  ['a sender of 20 bytes', { ...find, sender: idOf('x', 20) }],
  ['a sender that is text', { ...find, sender: 'me' }],
  ['a sender that is a list', { ...find, sender: Array.from(id) }],
  ['no target', { type: 'find-node', requestId: 1, sender: id }],
  ['a target of 33 bytes', { ...find, target: new Uint8Array(33) }],
  ['a target that is null', { ...find, type: 'get-value', target: null }],
  ['nothing to provide', { ...store, target: 7 }],
  ['no token', { ...store, token: null }],
  ['a token that is text', { ...store, token: 'let me in' }],
  ['a value that is text', { ...store, type: 'put-value', value: 'text' }],
  ['a value that is too large', { ...store, type: 'put-value', value: new Uint8Array(1001) }],
]

test.each(malformed)('a request with %s is reported and dropped', (_, message) => {
  const network = new KademliaNetwork({ size: 2, topology: topologyFromEdges(2, []) })
  network.simulation.inject(1, 0, message as Message)
  network.simulation.runUntil(minute)
  expect(network.reports.map(({ node, event }) => [node, event])).toEqual([[0, 'malformed']])
  expect(network.nodes[0]!.table.contacts).toEqual([])
  expect(network.simulation.packets.sent).toBe(1)
})

/** A network of 40 that has joined, and in which some nodes then begin to lie: their answers are replaced. */
function deceived(
  liars: readonly number[],
  lie: (answer: Answer, liar: number) => object,
): { network: KademliaNetwork; find: (target: Id) => number[] } {
  const network = new KademliaNetwork({ size: 40, refreshInterval: 0, timeout: 500 })
  network.simulation.run()
  const rule: Rule = {
    name: 'lie',
    judge: ({ from, message }) =>
      liars.includes(from) && message.type === 'nodes' ? replace(lie(message as Answer, from) as Message) : pass,
  }
  network.simulation.addRule(rule)
  const find = (target: Id): number[] => network.do(honest, { type: 'lookup', target }).detail['closest'] as number[]
  return { network, find }
}

interface Answer extends Message {
  readonly sender: Id
  readonly contacts: readonly Contact[]
}

const honest = 17
const targets = Array.from({ length: 10 }, (_, i) => idOf(`target ${i}`))

/** A third of the nodes, but not the one that asks. */
const third = Array.from({ length: 40 }, (_, node) => node).filter((node) => node % 3 === 0)

/** An id that differs from the target in its last bits only: closer than any node. */
function nextTo(target: Id, difference: number): Id {
  return xorDistance(target, new Uint8Array(target.length).fill(difference, target.length - 1))
}

/** Liars take up places in the answers of all, as the dead do, so the k that are found may not be the k next closest. */
function expectOthers(network: KademliaNetwork, found: readonly number[], target: Id): void {
  const others = network.oracle(honest, target, 8).filter((address) => !third.includes(address))
  expect(found).toEqual(expect.arrayContaining(others))
  expect(found.filter((address) => third.includes(address))).toEqual([])
}

describe('a third of the nodes give useless answers, and lookups find the others of the k closest without them:', () => {
  const one: Contact = { id, address: 1 as Address }
  const unusable: [what: string, lie: (answer: Answer) => object][] = [
    ['answers without contacts', (answer) => ({ ...answer, contacts: null })],
    ['contacts that are none', (answer) => ({ ...answer, contacts: [null, 5, 'x', {}] })],
    ['contacts without an address', (answer) => ({ ...answer, contacts: [{ id }] })],
    ['a fraction as an address', (answer) => ({ ...answer, contacts: [{ id, address: 0.5 }] })],
    ['a negative address', (answer) => ({ ...answer, contacts: [{ id, address: -1 }] })],
    ['an address past all that there are', (answer) => ({ ...answer, contacts: [{ id, address: maxAddress + 1 }] })],
    ['contacts with short ids', (answer) => ({ ...answer, contacts: [{ id: idOf('x', 20), address: 1 }] })],
    ['more contacts than a message may have', (answer) => ({ ...answer, contacts: Array(101).fill(one) })],
    ['no token', (answer) => ({ ...answer, token: 0 })],
    ['providers that are none', (answer) => ({ ...answer, providers: [{ id: 'x', address: 1 }] })],
    ['an answer of another kind', (answer) => ({ ...answer, type: 'stored' })],
    ['a sender of 20 bytes', (answer) => ({ ...answer, sender: idOf('x', 20) })],
  ]

  test.each(unusable)('%s', (_, lie) => {
    const { network, find } = deceived(third, lie)
    for (const target of targets) expectOthers(network, find(target), target)
    expect(network.events('malformed').length).toBeGreaterThan(0)
  })

  test('an id that is not theirs', () => {
    const { network, find } = deceived(third, (answer, liar) => ({ ...answer, sender: idOf(`mask ${liar}`) }))
    for (const target of targets) expectOthers(network, find(target), target)
    const caught = new Set(network.events('wrong-id').map(({ detail }) => detail['from'] as number))
    expect(caught.size).toBeGreaterThan(3)
    for (const liar of caught) expect(third).toContain(liar)
    const known = network.nodes[honest]!.table.contacts.map(({ address }) => address as number)
    for (const liar of caught) expect(known).not.toContain(liar)
  })
})

describe('a third of the nodes answer for themselves but name false contacts, and lookups find the closest of all:', () => {
  const fakes = (target: Id): Contact[] =>
    Array.from({ length: 8 }, (_, i) => ({ id: nextTo(target, i + 1), address: (1_000_000 + i) as Address }))

  test('nobody behind the nearest ids', () => {
    let aim = targets[0]!
    const { network, find } = deceived(third, (answer) => ({ ...answer, contacts: fakes(aim) }))
    for (aim of targets) expect(find(aim)).toEqual(network.oracle(honest, aim, 8))
  })

  test('the address of an honest node under ids that are not its own', () => {
    const { network, find } = deceived(third, (answer) => ({
      ...answer,
      contacts: [{ id: nextTo(targets[0]!, 1), address: 20 as Address }, ...answer.contacts],
    }))
    expect(find(targets[0]!)).toEqual(network.oracle(honest, targets[0]!, 8))
    expect(network.events('wrong-id').some(({ detail }) => detail['from'] === 20)).toBe(true)
  })

  test('true ids at false addresses', () => {
    const { network, find } = deceived(third, (answer) => ({
      ...answer,
      contacts: answer.contacts.map((contact) => ({ ...contact, address: maxAddress as Address })),
    }))
    for (const target of targets) expect(find(target)).toEqual(network.oracle(honest, target, 8))
  })

  test('the asker itself, by its address or by its id, and it does not ask for itself', () => {
    const self = idOf('node 1/17')
    const { network, find } = deceived(third, (answer) => ({
      ...answer,
      contacts: [
        { id: nextTo(self, 1), address: honest as Address },
        { id: self, address: 5 as Address },
        ...answer.contacts.slice(2),
      ],
    }))
    let toItself = 0
    network.simulation.observe({ onSend: (_time, from, to) => void (from === to && toItself++) })
    expect(find(self)).not.toContain(honest)
    expect(toItself).toBe(0)
    expect(network.events('wrong-id')).toEqual([])
  })
})

test('whom liars name is no contact before it has answered', () => {
  const { network, find } = deceived(third, (answer) => ({
    ...answer,
    contacts: [{ id: nextTo(targets[0]!, 1), address: 1_000_000 as Address }],
  }))
  find(targets[0]!)
  const known = network.nodes[honest]!.table.contacts
  expect(known.every(({ address }) => address < 40)).toBe(true)
  expect(closestContacts(known, targets[0]!, 1)[0]!.id).not.toEqual(nextTo(targets[0]!, 1))
})
