import type { BitcoinParameters } from '../protocols/bitcoin/bitcoin-parameters.ts'
import { bitcoinCore, bitcoind093 } from '../protocols/bitcoin/bitcoin-parameters.ts'
import { withCountermeasures } from '../protocols/bitcoin/countermeasures.ts'
import type { ValuesOf } from './parameters.ts'

const minute = 60_000

function measure(label: string) {
  return { type: 'boolean', default: false, label } as const
}

/** Of the scenario `eclipse`. */
export const eclipseParameters = {
  size: { type: 'integer', min: 21, max: 200, default: 80, label: 'size', unit: 'nodes' },
  honest: {
    type: 'integer',
    min: 2,
    max: 60,
    default: 20,
    label: 'honest nodes, the victim among them',
    unit: 'nodes',
  },
  perGroup: {
    type: 'integer',
    min: 1,
    max: 256,
    default: 1,
    label: "the attacker's addresses in a group",
    unit: 'nodes',
  },
  release: { type: 'choice', options: ['0.9.3', 'today'], default: '0.9.3', label: 'the victim runs Bitcoin of' },
  round: {
    type: 'number',
    min: 30000,
    max: 60 * minute,
    default: 2 * minute,
    label: 'a round of the attack',
    unit: 'ms',
  },
  start: { type: 'number', min: 0, max: 600 * minute, default: minute, label: 'the attack begins at', unit: 'ms' },
  trash: { type: 'integer', min: 0, max: 200, default: 12, label: 'trash with each connection', unit: 'addresses' },
  bucketSize: { type: 'integer', min: 1, max: 64, default: 64, label: 'addresses in a bucket', unit: 'addresses' },
  strike: {
    type: 'number',
    min: 0,
    max: 600 * minute,
    default: 20 * minute,
    label: 'the victim restarts at',
    unit: 'ms',
  },
  reveal: {
    type: 'number',
    min: 0,
    max: 600 * minute,
    default: 36 * minute,
    label: 'who is who shows from',
    unit: 'ms',
  },
  deterministicEviction: measure('1: one place for each address'),
  randomSelection: measure('2: fresh addresses are not preferred'),
  testBeforeEvict: measure('3: test before evict'),
  feelers: measure('4: feelers'),
  anchors: measure('5: anchors'),
  moreBuckets: measure('6: more buckets'),
  moreOutgoing: measure('7: more outgoing connections'),
  banUnsolicited: measure('8: ignore large addr unasked for'),
  diversifyIncoming: measure('9: one incoming connection a host'),
  anomalyDetection: measure('10: anomaly detection'),
  latency: { type: 'number', min: 0, max: 2000, default: 50, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 1000 * minute, default: 40 * minute, label: 'ends at', unit: 'ms' },
} as const

export type EclipseValues = ValuesOf<typeof eclipseParameters>

/** How the victim keeps its connections: a version of Bitcoin, and the countermeasures that are switched on. */
export function victimParameters(values: EclipseValues): BitcoinParameters {
  const chosen = withCountermeasures(values.release === 'today' ? bitcoinCore : bitcoind093, values)
  return { ...chosen, table: { ...chosen.table, bucketSize: values.bucketSize } }
}
