import type { BitcoinParameters } from './bitcoin-parameters.ts'

/** The ten countermeasures of Heilman et al. 2015, section 7, in the paper's order. */
export interface Countermeasures {
  /** 1: each address has one position in its bucket; to come again and again gains nothing. */
  readonly deterministicEviction: boolean
  /** 2: fresh addresses are not preferred; to wait gains nothing. */
  readonly randomSelection: boolean
  /** 3: a tried address goes only if it does not answer. */
  readonly testBeforeEvict: boolean
  /** 4: short test connections to addresses in new fill tried with addresses that work. */
  readonly feelers: boolean
  /** 5: two more connections, the first ones after a restart. */
  readonly anchors: boolean
  /** 6: four times as many buckets, twice as many for a group. */
  readonly moreBuckets: boolean
  /** 7: twelve outgoing connections. */
  readonly moreOutgoing: boolean
  /** 8: large addr that nobody asked for are ignored. */
  readonly banUnsolicited: boolean
  /** 9: one incoming connection a host. The paper says a limited number. */
  readonly diversifyIncoming: boolean
  /** 10: what the attack looks like from the victim raises an alarm. */
  readonly anomalyDetection: boolean
}

/** Their names, in the paper's order: the first is countermeasure 1. */
export const countermeasureNames = [
  'deterministicEviction',
  'randomSelection',
  'testBeforeEvict',
  'feelers',
  'anchors',
  'moreBuckets',
  'moreOutgoing',
  'banUnsolicited',
  'diversifyIncoming',
  'anomalyDetection',
] as const satisfies readonly (keyof Countermeasures)[]

/**
 * A node with some countermeasures added. The numbers are the paper's, and for 4 and 6 those that bitcoind took. Each
 * works without the others, though not always as well: who tests before evicting, with random eviction, tests one of four.
 */
export function withCountermeasures(base: BitcoinParameters, chosen: Partial<Countermeasures>): BitcoinParameters {
  const { table } = base
  return {
    ...base,
    ...(chosen.feelers === true && { feelerInterval: 120_000 }),
    ...(chosen.anchors === true && { blockOnly: base.blockOnly + 2, anchors: base.anchors + 2 }),
    ...(chosen.moreOutgoing === true && { outgoing: 12 }),
    ...(chosen.banUnsolicited === true && { acceptsUnsolicited: false }),
    ...(chosen.diversifyIncoming === true && { incomingPerHost: 1 }),
    ...(chosen.anomalyDetection === true && { detectsAnomalies: true }),
    table: {
      ...table,
      ...(chosen.deterministicEviction === true && { eviction: 'fixed-position' }),
      ...(chosen.randomSelection === true && { selection: 'uniform' }),
      ...(chosen.testBeforeEvict === true && { testBeforeEvict: true }),
      ...(chosen.moreBuckets === true && {
        triedBuckets: 4 * table.triedBuckets,
        newBuckets: 4 * table.newBuckets,
        triedBucketsPerGroup: 2 * table.triedBucketsPerGroup,
        newBucketsPerSourceGroup: 2 * table.newBucketsPerSourceGroup,
        maxNewPositions: Math.min(16, 2 * table.maxNewPositions),
      }),
    },
  }
}
