/** What a player shows of these scenarios is what their runs have: a state may change only where an event is. */
import type { RunSpec } from '@peerlab/engine'
import { test } from 'vitest'
import { expectRecordedStates } from '../support/recorded-states.ts'
import { act } from '../support/scenario-checks.ts'

const crashAndBack = [act(4000, 'crash', { node: 3 }), act(9000, 'restart', { node: 3 })]

const specs: readonly RunSpec[] = [
  ...['directory', 'supernodes', 'flat', 'structured'].map((architecture) => ({
    scenario: 'architectures',
    seed: 7,
    parameters: { architecture, size: 20, items: 20, duration: 20_000, kills: 'chosen', killed: 2, killAt: 10_000 },
    actions: [...crashAndBack, act(12_000, 'kill-random', { count: 2 }), act(16_000, 'revive')],
  })),
  ...['swarm', 'server'].map((way) => ({
    scenario: 'file-distribution',
    seed: 7,
    parameters: { way, size: 16, pieces: 32 },
    actions: crashAndBack,
  })),
  {
    scenario: 'overlay',
    seed: 7,
    parameters: { size: 40, loss: 0.05 },
    actions: [act(3100, 'crash', { node: 3 }), act(4000, 'restart', { node: 3 }), act(5000, 'publish', { node: 3 })],
  },
  {
    scenario: 'last-copy',
    seed: 7,
    parameters: { gaps: 'random', missing: 10, size: 12 },
    actions: [act(1000, 'crash', { node: 3 }), act(3000, 'restart', { node: 3 }), act(4000, 'restart', { node: 0 })],
  },
  {
    scenario: 'liars',
    seed: 7,
    parameters: { size: 20, liars: 0.1, lie: 'made-up', loss: 0.05 },
    actions: [...crashAndBack, act(9500, 'turn', { node: 4 }), act(12_000, 'crash', { node: 0 })],
  },
]

test.each(specs)('a recording of $scenario, $parameters, has at any moment the states of the run', expectRecordedStates)
