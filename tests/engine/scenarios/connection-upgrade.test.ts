import { fromLink, Run, toLink, type ActionInput, type Message, type Recorded, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { roundTripsBeforeData } from '../../../engine/measures/round-trips.ts'
import { flightsOf } from '../../../engine/protocols/connection-upgrade/flights.ts'

const seeds = [1, 2, 3]
const [router, tcpDialer, tcpListener] = [0, 1, 2]

const act = (time: number, action: string, values: ActionInput['with'] = {}): Recorded<ActionInput> => ({
  time,
  input: { action, with: values },
})

function finished(
  parameters: RunSpec['parameters'] = {},
  seed = 7,
  actions: readonly Recorded<ActionInput>[] = [],
): Run {
  const run = new Run({ scenario: 'connection-upgrade', seed, parameters, actions })
  run.finish()
  return run
}

const measures = (...args: Parameters<typeof finished>) => finished(...args).world.measures()

const stacks = (['noise', 'tls', 'none'] as const).flatMap((security) =>
  [true, false].flatMap((earlyMuxer) =>
    [true, false].map((waitsForProtocol) => ({ security, earlyMuxer, waitsForProtocol })),
  ),
)

describe('before the first byte', () => {
  test.each(stacks)('there are as many round trips as the specifications count, with %j', (stack) => {
    const run = measures(stack)
    expect(run).toMatchObject({
      tcpRoundTrips: roundTripsBeforeData({ transport: 'tcp', ...stack }),
      quicRoundTrips: roundTripsBeforeData({ transport: 'quic', ...stack }),
    })
  })

  test('the time is the round trips times the round-trip time, at any round-trip time', () => {
    for (const rtt of [1, 80, 600, 2000]) {
      const { tcpRoundTrips, quicRoundTrips, tcpTime, quicTime, tcpAnswer, quicAnswer } = measures({ rtt })
      expect([tcpTime, quicTime]).toEqual([tcpRoundTrips! * rtt, quicRoundTrips! * rtt])
      expect([tcpAnswer, quicAnswer]).toEqual([tcpTime! + rtt, quicTime! + rtt])
    }
  })

  test('the measured line is that of the specifications, and a lost packet bends it', () => {
    const tops = (run: Run) => {
      const { measured, formula } = run.world.curves(100)
      return [measured.points, formula!.points]
    }
    const [measured, formula] = tops(finished())
    expect(measured).toEqual(formula)
    const [late] = tops(finished({}, 7, [act(250, 'lose', { node: tcpDialer })]))
    expect(late!.at(-1)![0]).toBeGreaterThan(formula!.at(-1)![0])
  })
})

describe('the router on the way', () => {
  test('reads the application where nothing secures it, and nowhere else', () => {
    for (const seed of seeds) {
      expect(measures({ security: 'none' }, seed)).toMatchObject({ overheard: 2 })
      for (const security of ['noise', 'tls']) expect(measures({ security }, seed)).toMatchObject({ overheard: 0 })
    }
  })

  test('has no word of what is sealed in any packet', () => {
    const run = new Run({ scenario: 'connection-upgrade', seed: 7 })
    const secrets = flightsOf({ transport: 'tcp' }).flatMap(({ says }) =>
      says.filter(({ isSealed }) => isSealed).map(({ text }) => text),
    )
    const seen: string[] = []
    run.session.simulation.observe({
      onSend: (_time, _from, _to, message) => {
        for (const part of (message as unknown as { readonly parts: readonly { text?: string; sealed?: Uint8Array }[] })
          .parts) {
          seen.push(part.text ?? String.fromCharCode(...part.sealed!))
        }
      },
    })
    run.finish()
    expect(secrets.length).toBeGreaterThan(3)
    for (const secret of secrets.filter((text) => !text.startsWith('/multistream'))) expect(seen).not.toContain(secret)
  })

  test('shows what it read when it is looked at', () => {
    const { read } = finished({ security: 'none' }).world.inspect(router) as {
      readonly read: readonly { readonly layer: string; readonly text: string }[]
    }
    expect(read.filter(({ layer }) => layer === 'application')).toHaveLength(2)
  })
})

describe('what goes wrong', () => {
  test('a lost packet costs a time-out and no more: both have their answers in the end', () => {
    for (const seed of seeds) {
      const { tcpAnswer, quicAnswer, tcpRoundTrips } = measures({ loss: 0.15 }, seed)
      expect(tcpAnswer).toBeGreaterThanOrEqual(measures({}, seed)['tcpAnswer']!)
      expect([tcpRoundTrips, quicAnswer === null]).toEqual([3, false])
    }
  })

  test('without the router, or the other one, a dialer gives up; when that is back, it gets through', () => {
    for (const node of [router, tcpListener]) {
      const crash = [act(0, 'crash', { node })]
      const run = finished({}, 7, crash)
      expect(run.world.state(tcpDialer)).toBe('failed')
      const back = finished({}, 7, [...crash, act(100_000, 'restart', { node }), act(100_001, 'dial')])
      expect(back.world.state(tcpDialer)).toBe('answered')
    }
  })
})

test('flights that come again, too early or behind the last one change nothing', () => {
  const run = new Run({ scenario: 'connection-upgrade', seed: 7 })
  const { simulation } = run.session
  const seen: { readonly from: number; readonly to: number; readonly message: Message }[] = []
  simulation.observe({ onSend: (_time, from, to, message) => void seen.push({ from, to, message }) })
  run.finish()
  const { tcpAnswer, quicAnswer } = run.world.measures()
  for (const { from, to, message } of seen.filter((packet) => packet.from === router)) {
    for (let flight = 0; flight < 12; flight++) simulation.inject(from, to, { ...message, flight } as Message)
  }
  expect(run.finish()).toBe('idle')
  expect(run.world.measures()).toMatchObject({ tcpAnswer, quicAnswer })
})

test('the same seed gives the same run, also out of its link, and another seed another one', () => {
  const run = finished({ loss: 0.2 }, 7, [act(300, 'lose', { node: 3 }), act(9000, 'dial')])
  const again = new Run(fromLink(toLink(run.spec)), { foldPayloads: false })
  again.finish()
  expect(again.session.simulation.fingerprint).toBe(run.session.simulation.fingerprint)
  const other = finished({ loss: 0.2 }, 8, [act(300, 'lose', { node: 3 }), act(9000, 'dial')])
  expect(other.session.simulation.fingerprint).not.toBe(run.session.simulation.fingerprint)
})
