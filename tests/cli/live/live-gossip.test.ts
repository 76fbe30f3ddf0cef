/** The live form of the gossip scenario says again which protocol a style is; here it is held to the scenario. */
import { findScenario, Run, Simulation, type Command, type RunSpec } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { liveFormOf } from '../../../cli/live/live-form.ts'

const { parameters } = findScenario('gossip')
const optionsOf = (name: string): readonly string[] =>
  (parameters[name] as { readonly options: readonly string[] }).options

const styles = optionsOf('style').map((style) => ({ style }))
const timings = optionsOf('timing').flatMap((timing) => [
  { style: 'pull', timing },
  { style: 'push-pull', timing },
  { style: 'rumor', timing },
])
const stops = optionsOf('stop').map((stop) => ({ style: 'rumor', stop, k: 3 }))
const others = [
  { style: 'gossip', repairRounds: 0 },
  { style: 'gossip', repairRounds: 3, period: 250, fanout: 2 },
  { style: 'push', ttl: 2, latency: 5, jitter: 0 },
  { style: 'flood', ttl: 3, topology: 'ring' },
]

describe('the gossip scenario on real connections', () => {
  it.each([...styles, ...timings, ...stops, ...others])(
    'has the protocol and the latency of the scenario: %o',
    (given) => {
      const spec: RunSpec = {
        scenario: 'gossip',
        seed: 7,
        parameters: { size: 30, duration: 8000, rumors: 2, ...given },
      }
      const commands: { time: number; node: number; command: Command }[] = []
      const run = new Run(spec, {
        observe: () => [
          {
            onEvent(_number, time, kind, node, _peer, subject) {
              if (kind === 'command') commands.push({ time, node, command: subject as Command })
            },
          },
        ],
      })
      run.finish()
      const { simulation: expected } = run.session

      const form = liveFormOf('gossip')
      const simulation = new Simulation({
        seed: spec.seed,
        topology: expected.topology,
        protocol: form.protocol(run.parameters),
        latency: form.latency(run.parameters),
      })
      for (const { time, node, command } of commands) {
        simulation.schedule(time, 'publish', () => void simulation.command(node, command))
      }
      simulation.run({ maxEvents: expected.events })
      expect(simulation.events).toBe(expected.events)
      expect(simulation.fingerprint).toBe(expected.fingerprint)
    },
  )

  it('holds packets back where the protocol counts on their latency: in rounds', () => {
    const form = liveFormOf('gossip')
    const needs = (given: { readonly [name: string]: unknown }): boolean =>
      form.needsLatency(new Run({ scenario: 'gossip', seed: 7, parameters: given }).parameters)
    expect(needs({ style: 'pull', timing: 'rounds' })).toBe(true)
    expect(needs({ style: 'pull', timing: 'periodic' })).toBe(false)
    expect(needs({ style: 'push', timing: 'rounds' })).toBe(false)
  })
})
