/** Peers lie, and packets are damaged: no field that is missing or wrong may stop a node. */
import { Run, type Data, type Message } from '@peerlab/engine'
import { expect, test } from 'vitest'
import { cases, fc } from '../../support/fast-check.ts'

const scenarios = ['nat-traversal', 'punching-odds', 'connection-upgrade', 'multiplexing', 'multiaddr']

const oddValue: fc.Arbitrary<Data> = fc.oneof(
  fc.constantFrom<Data[]>(null, -1, 0.5, 2 ** 60, '', 'x', [], {}, [null], { type: 'y' }, [{ sealed: 'no' }], true),
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 70_000 }),
)

interface Damage {
  readonly of: number
  readonly fields: readonly { readonly at: number; readonly value: Data | undefined }[]
}

const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    of: fc.nat(200),
    fields: fc.array(fc.record({ at: fc.nat(6), value: fc.option(oddValue, { nil: undefined }) }), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  { maxLength: 12 },
)

/** Real packets of the run, each with some fields that are gone or odd, between nodes that talk to each other. */
test.each(scenarios)('nodes of %s drop what is malformed, and go on', (scenario) => {
  const parameters = scenario === 'punching-odds' ? { pairs: 2, probes: 60, openPorts: 4 } : {}
  fc.assert(
    fc.property(damages, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (list, share) => {
      const seen: { readonly from: number; readonly to: number; readonly message: Message }[] = []
      const run = new Run({ scenario, seed: 7, parameters })
      const { simulation } = run.session
      simulation.observe({
        onSend: (_time, from, to, message) => void (seen.length < 400 && seen.push({ from, to, message })),
      })
      run.finish({ until: 4000 * share + 100 })
      for (const { of, fields } of list) {
        const packet = seen[of % Math.max(seen.length, 1)]
        if (packet === undefined) continue
        const message: Record<string, unknown> = { ...packet.message }
        for (const { at, value } of fields) {
          const names = Object.keys(message).filter((name) => name !== 'type')
          const name = names[at % Math.max(names.length, 1)]
          if (name === undefined) continue
          if (value === undefined) delete message[name]
          else message[name] = value
        }
        simulation.inject(packet.from, packet.to, message as unknown as Message)
      }
      expect(['idle', 'over', 'time']).toContain(run.finish({ until: 30_000 }))
    }),
    cases(300),
  )
})
