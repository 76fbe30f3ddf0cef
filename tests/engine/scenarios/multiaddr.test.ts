import { fromLink, Run, toLink, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import {
  formatMultiaddr,
  multiaddrProtocols,
  parseMultiaddr,
  planDial,
} from '../../../engine/protocols/multiaddr/multiaddr.ts'
import { addresses, dialers, relay } from '../../../engine/scenarios/multiaddr-network.ts'

const act = (time: number, action: string, values: ActionInput['with']): Recorded<ActionInput> => ({
  time,
  input: { action, with: values },
})

function finished(
  parameters: RunSpec['parameters'] = {},
  actions: readonly Recorded<ActionInput>[] = [],
  seed = 7,
): Run {
  const run = new Run({ scenario: 'multiaddr', seed, parameters, actions })
  run.finish()
  return run
}

interface Dial {
  readonly text: string
  readonly connected: boolean
  readonly verified: boolean
  readonly expected: boolean
  readonly reason: string
}

const dialsOf = (run: Run, node: number): readonly Dial[] =>
  (run.world.inspect(node) as unknown as { readonly dials: readonly Dial[] }).dials

const allDials = (run: Run): readonly Dial[] => dialers.flatMap((_, node) => dialsOf(run, node))

const connectedAt = (run: Run, node: number): boolean[] => dialsOf(run, node).map(({ connected }) => connected)

describe('a multiaddr', () => {
  test('is its components, and they are it', () => {
    for (const address of addresses) expect(formatMultiaddr(parseMultiaddr(address)!)).toBe(address)
  })

  test.each([
    '',
    '/',
    'ip4/1.2.3.4',
    '/ip4',
    '/ip4/1.2.3',
    '/ip4/1.2.3.256',
    '/ip4/01.2.3.4',
    '/tcp/0',
    '/tcp/65536',
    '/tcp/4001/',
    '/dns4/',
    '/dns4/a..b',
    '/p2p/0OIl',
    '/http',
  ])('is not "%s"', (text) => {
    expect(parseMultiaddr(text)).toBeUndefined()
  })

  test.each([
    ['/tcp/4001', 'where'],
    ['/ip4/1.2.3.4', 'over what'],
    ['/ip4/1.2.3.4/udp/4001', 'no transport'],
    ['/ip4/1.2.3.4/tcp/4001/quic-v1', 'no transport'],
    ['/ip4/1.2.3.4/tcp/443/tls', 'no transport'],
    ['/ip4/1.2.3.4/tcp/4001/p2p-circuit', 'whom to ask'],
    ['/ip4/1.2.3.4/tcp/4001/p2p/a/p2p/b', 'goes on'],
  ])('that is %s cannot be dialed, and the reason says so: %s', (text, reason) => {
    expect(planDial(parseMultiaddr(text)!)).toContain(reason)
  })
})

describe('dials', () => {
  const choices = ['nothing', ...multiaddrProtocols].map((without) => ({ without }))
  const surroundings = [
    {},
    { names: false },
    { relay: false },
    { nat: 'none' },
    { nat: 'full cone' },
    { nat: 'full cone', relay: false },
    { impostor: true },
  ]

  test.each(choices)('come through where the components say so, whatever is missing around them, with %j', (choice) => {
    for (const around of surroundings) {
      const run = finished({ ...choice, ...around })
      for (const { text, connected, expected, reason } of allDials(run)) {
        expect({ around, text, connected, reason }).toMatchObject({ connected: expected })
        expect(reason === '').toBe(connected)
      }
      expect(run.world.measures()['connected']).toBeCloseTo(run.world.measures()['expected']!, 12)
    }
  })

  test('of a protocol die with it, and no others', () => {
    for (const without of ['ip4', 'dns4', 'tcp', 'udp', 'quic-v1', 'tls', 'ws', 'p2p-circuit'] as const) {
      const whole = connectedAt(finished(), 0)
      const broken = connectedAt(finished({ without }), 0)
      const survives = addresses.map((address, i) => {
        const has = parseMultiaddr(address)!.some(({ protocol }) => protocol === without)
        // wss on port 443 without its TLS is WebSocket in the clear, for which nobody listens there.
        return whole[i]! && !has
      })
      expect([without, broken]).toEqual([without, survives])
    }
  })

  test('depend on the dialer: a browser has only what is WebSocket over TLS, and who is told no names needs numbers', () => {
    const run = finished()
    expect(connectedAt(run, 1)).toEqual(addresses.map((address) => address.includes('/ws')))
    expect(connectedAt(run, 2)).toEqual(
      connectedAt(run, 0).map((connected, i) => connected && !addresses[i]!.startsWith('/dns4')),
    )
    expect(connectedAt(run, 3)).toEqual(
      connectedAt(run, 0).map((connected, i) => connected && !addresses[i]!.includes('/quic-v1')),
    )
  })

  test('without a peer id reach anybody; with one they find out an impostor', () => {
    const unverified = (parameters: RunSpec['parameters']) => finished(parameters).world.measures()['unverified']
    expect([unverified({}), unverified({ impostor: true })]).toEqual([0, 0])
    expect(unverified({ impostor: true, without: 'p2p' })).toBeGreaterThan(0)
    const { connected } = finished({ impostor: true }).world.measures()
    expect(connected).toBeLessThan(finished().world.measures()['connected']!)
    expect(allDials(finished({ impostor: true })).map(({ reason }) => reason)).toContain('somebody else answers')
  })
})

describe('what people do', () => {
  test('a component that is taken out kills its address alone, and is put back', () => {
    const circuit = 6
    const place = parseMultiaddr(addresses[circuit]!)!.findIndex(({ protocol }) => protocol === 'p2p-circuit')
    const remove = act(20_000, 'remove', { address: circuit, component: place })
    const before = connectedAt(finished(), 0)
    expect(before[circuit]).toBe(true)
    expect(connectedAt(finished({}, [remove]), 0)).toEqual(before.map((each, i) => i !== circuit && each))
    expect(connectedAt(finished({}, [remove, act(30_000, 'restore', { address: circuit })]), 0)).toEqual(before)
  })

  test('a relay that crashes takes the circuits with it, until it is back and dave has his place again', () => {
    const crash = act(20_000, 'crash', { node: relay })
    const isCircuit = addresses.map((address) => address.includes('p2p-circuit'))
    const whole = connectedAt(finished(), 0)
    const down = finished({}, [crash, act(21_000, 'dial', { node: 0 })])
    expect(connectedAt(down, 0)).toEqual(whole.map((each, i) => each && !isCircuit[i]))
    const back = [act(30_000, 'restart', { node: relay }), act(120_000, 'dial', { node: 0 })]
    expect(connectedAt(finished({}, [crash, ...back]), 0)).toEqual(whole)
  })

  test('a dialer that crashes has nothing, and dials again when it is back', () => {
    const crash = act(20_000, 'crash', { node: 0 })
    expect(connectedAt(finished({}, [crash]), 0)).not.toContain(true)
    const back = [act(21_000, 'restart', { node: 0 }), act(22_000, 'dial', { node: 0 })]
    expect(connectedAt(finished({}, [crash, ...back]), 0)).toEqual(connectedAt(finished(), 0))
  })
})

test('the same seed gives the same run, also out of its link, and another seed another one', () => {
  const actions = [act(2000, 'crash', { node: 1 }), act(9000, 'remove', { address: 3, component: 2 })]
  const run = finished({ loss: 0.2 }, actions)
  const again = new Run(fromLink(toLink(run.spec)))
  again.finish()
  expect(again.session.simulation.fingerprint).toBe(run.session.simulation.fingerprint)
  expect(finished({ loss: 0.2 }, actions, 8).session.simulation.fingerprint).not.toBe(
    run.session.simulation.fingerprint,
  )
})
