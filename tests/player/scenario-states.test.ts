/** What a player shows of these scenarios is what their runs have: a state may change only where an event is. */
import type { RunSpec } from '@peerlab/engine'
import { test } from 'vitest'
import { expectRecordedStates } from '../support/recorded-states.ts'
import { act } from '../support/scenario-runs.ts'

const specs: readonly RunSpec[] = [
  {
    scenario: 'gossipsub',
    seed: 7,
    parameters: { size: 20, degree: 8, loss: 0.1, broken: 0.5 },
    actions: [
      act(3500, 'isolate', { node: 2 }),
      act(4000, 'crash', { node: 3 }),
      act(10_000, 'restart', { node: 3 }),
      act(12_000, 'publish', { node: 2 }),
      act(13_000, 'mend-links'),
    ],
  },
  {
    scenario: 'block-propagation',
    seed: 7,
    parameters: { size: 20, blockSize: 1000, duration: 60_000 },
    actions: [
      act(5000, 'mine', { node: 3 }),
      act(8000, 'crash', { node: 3 }),
      act(12_000, 'cut', { share: 0.25 }),
      act(30_000, 'restart', { node: 3 }),
      act(40_000, 'heal'),
    ],
  },
  {
    scenario: 'partition',
    seed: 7,
    parameters: { loss: 0.05 },
    actions: [
      act(5000, 'crash', { node: 3 }),
      act(6000, 'pay', { node: 4, to: 5, coin: 1 }),
      act(30_000, 'restart', { node: 3 }),
      act(60_000, 'cut'),
      act(70_000, 'heal'),
    ],
  },
  {
    scenario: 'churn',
    seed: 7,
    parameters: { size: 20, session: 8000, loss: 0.05, duration: 40_000 },
    actions: [act(5000, 'put', { node: 3 }), act(12_000, 'exodus', { share: 0.5 })],
  },
  {
    scenario: 'eclipse',
    seed: 7,
    parameters: { size: 40, duration: 1_000_000, strike: 500_000, reveal: 800_000 },
    actions: [act(300_000, 'crash', { node: 3 }), act(400_000, 'restart', { node: 3 })],
  },
  {
    scenario: 'sybil',
    seed: 7,
    parameters: { size: 30, keys: 100, limits: true },
    actions: [act(20_000, 'rent', { node: 28 }), act(22_000, 'crash', { node: 5 })],
  },
  {
    scenario: 'flood',
    seed: 7,
    parameters: { size: 12 },
    actions: [act(2000, 'flood', { node: 3 }), act(6000, 'crash', { node: 4 }), act(8000, 'flood', { node: 3 })],
  },
  {
    scenario: 'amplification',
    seed: 7,
    parameters: { service: 'ssdp' },
    actions: [act(4000, 'cease'), act(5000, 'crash', { node: 3 })],
  },
  {
    scenario: 'peer-scoring',
    seed: 7,
    parameters: { size: 12, accidents: 0.12, decay: 0.99 },
    actions: [
      act(10_000, 'betray', { node: 9 }),
      act(30_000, 'crash', { node: 3 }),
      act(35_000, 'restart', { node: 3 }),
    ],
  },
]

test.each(specs)('a recording of $scenario has at any moment the states of the run', expectRecordedStates)
