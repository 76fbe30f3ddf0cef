import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Metainfo } from './metainfo.ts'
import type { GivenPieces } from './piece-store.ts'

export interface PieceExchangeOptions {
  readonly metainfo: Metainfo
  /** What the node begins with, by number of the piece. Default: nothing. A node that has all is a seed. */
  readonly pieces?: GivenPieces
  /** Interested peers that are unchoked at a time, the optimistic one included; 0 = a free rider. Default 4 (BEP 3). */
  readonly slots?: number
  /** How often it is decided whom to choke, over 0. Default 10,000 (BEP 3). */
  readonly rechokeInterval?: Millis
  /** How often the optimistic unchoke goes to the next peer, at a rechoke. Default 30,000 (BEP 3). */
  readonly optimisticInterval?: Millis
  /** A peer that has sent no piece for so long, though asked, is unchoked optimistically only. Default 60,000 (Cohen). */
  readonly snubbedAfter?: Millis
  /** Which piece of those that a peer has: the rarest, or any. Default `rarest-first`. */
  readonly selection?: 'rarest-first' | 'random'
  /** So many pieces are chosen at random, before rarest first begins. Default 1 (Cohen). */
  readonly randomFirst?: number
  /** Pieces that one peer is asked for at a time, 1 to 1000. Default 5 (Cohen, of blocks of 16 KiB). */
  readonly pipeline?: number
  /** How long to wait for a piece at least, over 0; longer for a slow peer, after RFC 6298. Default 30,000. */
  readonly timeout?: Millis
  /** How often peers are told how things stand, over 0. Default 30,000; it is 2 minutes over TCP, which loses nothing. */
  readonly keepAlive?: Millis
  /** A peer that has said nothing for so long is gone; more than `keepAlive`. Default 100,000. */
  readonly silence?: Millis
  /** The node's own uplink in bytes a second, over 0; see Uploads. Default: not known, it sends at once. */
  readonly uploadRate?: number
  /**
   * Whether pieces are written to the node's storage, so that a crash loses none. Default true. Where they are not, all
   * nodes of a run share the bytes of a piece, which saves memory in large ones.
   */
  readonly persistent?: boolean
  /** Peers besides the neighbors are taken up to this number of peers in all. Default 200. */
  readonly maxPeers?: number
}

/** BEP 3, and Cohen, "Incentives build robustness in BitTorrent", 2003. */
export const pieceExchangeDefaults = {
  pieces: [] as GivenPieces,
  slots: 4,
  rechokeInterval: 10_000,
  optimisticInterval: 30_000,
  snubbedAfter: 60_000,
  selection: 'rarest-first',
  randomFirst: 1,
  pipeline: 5,
  timeout: 30_000,
  keepAlive: 30_000,
  silence: 100_000,
  uploadRate: Infinity,
  persistent: true,
  maxPeers: 200,
} as const

/** Throws a RangeError for what is out of range. */
export function withDefaults(given: PieceExchangeOptions): Required<PieceExchangeOptions> {
  const options = { ...pieceExchangeDefaults, ...given }
  const spans = ['rechokeInterval', 'optimisticInterval', 'snubbedAfter', 'timeout', 'keepAlive', 'silence'] as const
  for (const name of spans) checkNumber(`${name} (ms)`, options[name], { min: 0.001, max: maxMillis / 1000 })
  checkInteger('slots', options.slots, { min: 0, max: 1e6 })
  checkInteger('randomFirst', options.randomFirst, { min: 0, max: 1e6 })
  checkInteger('pipeline', options.pipeline, { min: 1, max: 1000 })
  checkInteger('maxPeers', options.maxPeers, { min: 0, max: 1e6 })
  if (options.silence <= options.keepAlive) {
    throw new RangeError(`silence is ${options.silence} ms; it must be more than keepAlive, ${options.keepAlive} ms`)
  }
  return options
}
