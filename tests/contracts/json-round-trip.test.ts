/** Nothing but plain data crosses the boundary: a subject behind JSON text is as good as one that is here. */
import * as engine from '@peerlab/engine'
import { LocalSubject, Run, substituteWith, type Subject } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { describeContract } from '../labs/describe-contract.ts'
import { contracts } from './registry.ts'

/** Turns all that goes in and out into text and back, as a process boundary would. JSON has no bytes: they are marked. */
function throughJson(subject: Subject): Subject {
  const through = <T>(value: T): T => JSON.parse(JSON.stringify(value, marked), unmarked) as T
  return {
    create: (setup) => through(subject.create(through(setup))),
    deliver: (node, event) => through(subject.deliver(node, through(event))),
    remove: (node) => subject.remove(node),
    call: (name, args) => through(subject.call(name, through(args))),
  }
}

function marked(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { '\0bytes': Array.from(value) } : value
}

function unmarked(_key: string, value: unknown): unknown {
  const bytes = (value as { readonly '\0bytes'?: readonly number[] } | null)?.['\0bytes']
  return bytes === undefined ? value : Uint8Array.from(bytes)
}

for (const contract of contracts) {
  describeContract(`${contract.lab} holds through JSON`, contract, async () =>
    throughJson(new LocalSubject({ ...engine })),
  )
}

describe('one protocol, three ways to run it', () => {
  const spec = {
    scenario: 'gossip',
    seed: 5,
    parameters: { style: 'gossip', loss: 0.2, rumors: 3, size: 50 },
    actions: [
      { time: 40, input: { action: 'crash', with: { node: 3 } } },
      { time: 900, input: { action: 'restart', with: { node: 3 } } },
    ],
  }
  const fingerprint = (subject?: Subject): string => {
    const run = new Run(spec, subject === undefined ? {} : { substitute: substituteWith(subject, { class: 'Gossip' }) })
    run.finish()
    return run.session.simulation.fingerprint
  }

  test('the engine, a subject and a subject behind JSON have the same fingerprint', () => {
    expect(fingerprint(new LocalSubject({ ...engine }))).toBe(fingerprint())
    expect(fingerprint(throughJson(new LocalSubject({ ...engine })))).toBe(fingerprint())
  })
})
