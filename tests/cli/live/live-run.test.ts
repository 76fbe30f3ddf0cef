import {
  isRumor,
  LocalSubject,
  NotPlainData,
  ProtocolError,
  substituteWith,
  type Command,
  type Data,
  type Host,
  type Message,
  type Protocol,
  type RunSpec,
  type SubstituteProtocol,
} from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { planLive, TooManyEvents, type LoadSubstitute } from '../../../cli/live/live-plan.ts'
import { runLive, type LiveOptions, type LiveResult } from '../../../cli/live/live-run.ts'
import { measuresOf } from '../../../cli/live/measures.ts'
import { freePorts } from '../../../cli/live/ports.ts'
import * as solution from '../../../solutions/03-gossip/gossip.ts'

function specOf(parameters: { readonly [name: string]: unknown }): RunSpec {
  return { scenario: 'gossip', seed: 7, parameters: { size: 6, degree: 4, ...parameters } }
}

const flood = specOf({ style: 'flood' })

interface Code {
  readonly spec: RunSpec
  readonly loadSubstitute?: LoadSubstitute
}

async function play({ spec, loadSubstitute }: Code, options: LiveOptions = {}): Promise<LiveResult> {
  return runLive(await planLive(spec, loadSubstitute), options)
}

function openSockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))
}

function failed({ checks }: LiveResult): readonly string[] {
  return checks.filter(({ violation }) => violation !== null).map(({ title }) => title)
}

/** A lab's protocol that does this with a rumor, or with the command to publish one. */
function labWith(act: (host: Host, rumor: { readonly id: string; readonly payload: Data }) => void): Required<Code> {
  const substitute: SubstituteProtocol = (given) => {
    const host = given as unknown as Host
    const protocol: Protocol<Message, Command> = {
      onCommand: (command) => act(host, command as unknown as { id: string; payload: Data }),
      onMessage: (_from, message) => isRumor(message) && act(host, message),
    }
    return protocol as unknown as Protocol<never, never>
  }
  return { spec: { ...specOf({ style: 'gossip' }), lab: '03-gossip' }, loadSubstitute: async () => substitute }
}

describe('a live run', () => {
  it('brings a rumor to every node, passes all checks, and frees its ports', async () => {
    const result = await play({ spec: flood })
    expect(result.reason).toBe('idle')
    expect(failed(result)).toEqual([])
    expect(result.checks.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['every node that is up gets every rumor', 'all ports are free afterwards']),
    )
    const { measured } = measuresOf(result)
    // Each node but the publisher tells all others than the one that told it: 4 + 5 × 3.
    expect(measured).toMatchObject({ coverage: 1, messages: 19, duplicates: 14 })
    expect(result.ports).toHaveLength(6)
    expect(await freePorts(result.ports)).toEqual(result.ports)
  })

  it('has the graph, the publisher and the rumor of the simulated run', async () => {
    const { record, simulated, connections } = await play({
      spec: specOf({ style: 'flood', size: 8, rumors: 2, interval: 5 }),
    })
    expect(connections).toBe(16)
    const rumors = [...record.spread.rumors.values()].map(({ id, origin, payload }) => ({ id, origin, payload }))
    const reported = new Map<string, unknown>()
    const { world, session } = simulated
    for (let node = 0; node < session.simulation.size; node++) {
      const { rumors: known } = world.inspect(node) as { rumors: { id: string; hops: number }[] }
      for (const { id, hops } of known) if (hops === 0) reported.set(id, node)
    }
    expect(rumors.map(({ id, origin }) => [id, origin])).toEqual([...reported])
    expect(rumors.map(({ payload }) => payload)).toEqual([
      { nonce: expect.stringMatching(/^[0-9a-f]{8}$/) },
      { nonce: expect.stringMatching(/^[0-9a-f]{8}$/) },
    ])
  })

  it('compares with a simulated run that has the measured latency', async () => {
    const { latency, simulated, isHeld } = await play({ spec: flood })
    expect(isHeld).toBe(false)
    expect(latency!.least).toBeGreaterThan(0)
    expect(latency!.mean).toBeGreaterThanOrEqual(latency!.least)
    expect(latency!.most).toBeGreaterThanOrEqual(latency!.mean)
    expect(simulated.parameters['latency']).toBeCloseTo(latency!.mean, 2)
  })

  it('holds messages back where the latency is given, and simulates with that one', async () => {
    const { latency, simulated, isHeld } = await play({ spec: specOf({ style: 'flood', latency: 20, jitter: 0.5 }) })
    expect(isHeld).toBe(true)
    expect(latency!.least).toBeGreaterThanOrEqual(10)
    expect(simulated.parameters).toMatchObject({ latency: 20, jitter: 0.5 })
  })

  it('loses messages where loss is given', async () => {
    const result = await play({ spec: specOf({ style: 'flood', loss: 1 }) })
    expect(measuresOf(result).measured).toMatchObject({ coverage: 1 / 6, messages: 4, time100: null })
    expect(result.latency).toBeNull()
    expect(failed(result)).toEqual([])
  })

  it('ends when all know, where nodes beat for ever', async () => {
    const result = await play({ spec: specOf({ style: 'push-pull', period: 10 }) })
    expect(result.reason).toBe('over')
    expect(failed(result)).toEqual([])
    expect(result.record.spread.coverage).toBe(1)
  })

  it('ends when its duration is over', async () => {
    const result = await play({ spec: specOf({ style: 'pull', period: 10, loss: 1, duration: 50 }) })
    expect(result.reason).toBe('time')
  })

  it('runs the lab with names, questions and answers, and holds it to the contract', async () => {
    const loadSubstitute = async () => substituteWith(new LocalSubject({ ...solution }), { class: 'Gossip' })
    const spec = { ...specOf({ style: 'gossip', period: 10, fanout: 1 }), lab: '03-gossip' }
    const result = await play({ spec, loadSubstitute })
    expect(failed(result)).toEqual([])
    expect(result.checks.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['who hears the name of a rumor that it lacks asks for it, and who has it answers']),
    )
  })

  it.each<[string, Code]>([
    [
      'a node reports each rumor as delivered once',
      labWith((host, { id, payload }) => {
        host.report('delivered', { id, payload })
        host.report('delivered', { id, payload })
      }),
    ],
    [
      'a node reports a rumor as delivered only after it came, and with the payload that it came with',
      labWith((host, { id }) => host.report('delivered', { id, payload: 'made up' })),
    ],
    [
      'a node tells `fanout` different neighbors at once, or all others if it has fewer',
      labWith((host, { id, payload }) => host.report('delivered', { id, payload })),
    ],
    [
      'the ttl of a rumor goes down by one at each hop, and a rumor with ttl 1 goes no further',
      labWith((host, { id, payload, ...rest }) => {
        host.report('delivered', { id, payload })
        const isPublisher = !('ttl' in rest)
        if (isPublisher) host.send(host.neighbors[0]!, { type: 'rumor', id, payload, ttl: 99 } as Message)
      }),
    ],
  ])('finds a wrong protocol: not %s', async (title, code) => {
    const result = await play(code, { maxMessages: 300 })
    expect(failed(result)).toContain(title)
  })

  it('stops a run whose messages have no end, and says so', async () => {
    // Silent in the simulator, where it would be refused before it starts.
    let loads = 0
    const silent = labWith(() => {})
    const storm = labWith((host, { id, payload }) => {
      for (const peer of Array.from(host.neighbors)) host.send(peer, { type: 'rumor', id, payload, ttl: 9 } as Message)
    })
    const loadSubstitute = () => (++loads === 2 ? storm.loadSubstitute() : silent.loadSubstitute())
    const result = await play({ ...silent, loadSubstitute }, { maxMessages: 500 })
    expect(result.reason).toBe('storm')
    expect(failed(result)).toContain('the messages come to an end')
  })

  it('does not begin what takes too many events in the simulator', async () => {
    const endless = specOf({ style: 'pull', period: 1, loss: 1, duration: 3_600_000 })
    await expect(planLive(endless)).rejects.toThrow(TooManyEvents)
  })

  it.each(['listening', 'connecting', 'connected', 'running'] as const)(
    'closes everything when it is given up while %s',
    async (when) => {
      const stop = new AbortController()
      const reason = new Error('enough')
      const spec = specOf({ style: 'pull', period: 60_000, duration: 3_600_000 })
      const steps: string[] = []
      const onProgress = ({ step }: { readonly step: string }): void => {
        steps.push(step)
        if (step === when) stop.abort(reason)
      }
      const run = play({ spec }, { signal: stop.signal, onProgress })
      await expect(run).rejects.toBe(reason)
      expect(steps.at(-1)).toBe(when)
      expect(openSockets()).toEqual([])
    },
  )

  it('closes everything when a handler throws on real connections only', async () => {
    let loads = 0
    const right = labWith((host, { id, payload }) => host.report('delivered', { id, payload }))
    const wrong = labWith((host) => host.send(host.neighbors[0]!, { type: 'rumor', value: undefined } as never))
    const loadSubstitute = () => (++loads === 2 ? wrong.loadSubstitute() : right.loadSubstitute())
    const error: unknown = await play({ ...right, loadSubstitute }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ProtocolError)
    expect((error as ProtocolError).cause).toBeInstanceOf(NotPlainData)
    expect(openSockets()).toEqual([])
  })
})
