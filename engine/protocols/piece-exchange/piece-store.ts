import type { Host } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import { checkMetainfo, isPiece, type Metainfo } from './metainfo.ts'
import { PieceSet } from './piece-set.ts'

/** The pieces of a file that a node begins with, by number; what is left out is missing. */
export type GivenPieces = readonly (Uint8Array | undefined)[]

const keyPrefix = 'piece/'

/**
 * The pieces that a node has. None gets in without its hash. On the node's disk they outlive a crash, and are hashed
 * again when they are read; in memory alone they do not, and a node begins anew with what it was given.
 */
export class PieceStore {
  readonly metainfo: Metainfo
  readonly owned: PieceSet
  readonly #storage: Host<Message>['storage'] | undefined
  readonly #data = new Map<number, Uint8Array>()

  /** @param storage undefined = in memory alone */
  constructor(metainfo: Metainfo, storage: Host<Message>['storage'] | undefined) {
    this.metainfo = checkMetainfo(metainfo)
    this.owned = new PieceSet(metainfo.hashes.length)
    this.#storage = storage
  }

  /** For onStart. Throws an Error for a given piece that is not one of the file's. */
  load(given: GivenPieces): void {
    for (const [piece, data] of given.entries()) {
      if (data === undefined) continue
      if (!isPiece(this.metainfo, piece, data))
        throw new Error(`piece ${piece} was given with other bytes; give the pieces that the metainfo was made of`)
      this.#keep(piece, data)
    }
    for (const key of this.#storage?.keys() ?? []) {
      if (!key.startsWith(keyPrefix)) continue
      const piece = Number(key.slice(keyPrefix.length))
      const data = this.#storage!.get(key)
      if (this.metainfo.hashes[piece] === undefined || !(data instanceof Uint8Array)) continue
      if (isPiece(this.metainfo, piece, data)) this.#keep(piece, data)
    }
  }

  /** False where these are not the bytes of that piece. */
  put(piece: number, data: Uint8Array): boolean {
    if (!isPiece(this.metainfo, piece, data)) return false
    if (this.#keep(piece, data)) this.#storage?.set(keyPrefix + String(piece), data)
    return true
  }

  get(piece: number): Uint8Array | undefined {
    return this.#data.get(piece)
  }

  #keep(piece: number, data: Uint8Array): boolean {
    if (!this.owned.add(piece)) return false
    this.#data.set(piece, data)
    return true
  }
}
