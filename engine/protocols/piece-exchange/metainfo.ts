import { checkInteger, describe } from '../../core/errors.ts'
import { sha256 } from '../../core/hash.ts'
import { deriveStream } from '../../core/random.ts'

/** What a downloader knows of a file before it has any of it, from a place that it trusts: BEP 3's metainfo. */
export interface Metainfo {
  /** Of all pieces but the last one, which may be shorter. In bytes, 1 to {@link maxPieceLength}. */
  readonly pieceLength: number
  /** Of the whole file, in bytes, from 1. */
  readonly length: number
  /** The SHA-256 hash of each piece. (BEP 52; BEP 3 had SHA-1.) */
  readonly hashes: readonly Uint8Array[]
}

/** A piece is one message, and a message has room for this. In bytes. */
export const maxPieceLength = 1_000_000
/** Of one file. */
export const maxPieces = 1_000_000

/** The metainfo of a file that is cut into these pieces: all of one length, but the last one, which may be shorter. */
export function metainfoOf(pieces: readonly Uint8Array[]): Metainfo {
  checkInteger('number of pieces', pieces.length, { min: 1, max: maxPieces })
  const pieceLength = checkInteger('length of piece 0', pieces[0]!.length, { min: 1, max: maxPieceLength })
  let length = 0
  for (const [piece, data] of pieces.entries()) {
    const isLast = piece === pieces.length - 1
    checkInteger(`length of piece ${piece}`, data.length, { min: isLast ? 1 : pieceLength, max: pieceLength })
    length += data.length
  }
  return { pieceLength, length, hashes: pieces.map((data) => sha256(data)) }
}

/** What a file is made of. */
export interface FileOptions {
  /** Whole number from 0; another seed, another file. */
  readonly seed: number
  /** In bytes, 1 to {@link maxPieceLength}. */
  readonly pieceLength: number
  /** How many pieces, 1 to {@link maxPieces}. */
  readonly pieces: number
}

/** A file of random bytes, cut into pieces. All nodes of a run can share it: messages carry the pieces themselves. */
export function randomFile({ seed, pieceLength, pieces }: FileOptions): Uint8Array[] {
  checkInteger('pieces', pieces, { min: 1, max: maxPieces })
  checkInteger('pieceLength', pieceLength, { min: 1, max: maxPieceLength })
  return Array.from({ length: pieces }, (_, piece) => {
    const random = deriveStream(seed, 'file', piece)
    const data = new DataView(new ArrayBuffer(4 * Math.ceil(pieceLength / 4)))
    for (let at = 0; at < data.byteLength; at += 4) data.setUint32(at, random.word(), true)
    return new Uint8Array(data.buffer, 0, pieceLength)
  })
}

/** Whether these are the bytes of that piece. */
export function isPiece({ hashes }: Metainfo, piece: number, data: Uint8Array): boolean {
  const expected = hashes[piece]
  if (expected === undefined) throw new RangeError(`piece ${piece}: the file has pieces 0 to ${hashes.length - 1}`)
  const hash = sha256(data)
  return hash.every((byte, i) => byte === expected[i])
}

/** Throws a RangeError for what is no metainfo. */
export function checkMetainfo(metainfo: Metainfo): Metainfo {
  const { pieceLength, length, hashes } = metainfo
  checkInteger('pieceLength', pieceLength, { min: 1, max: maxPieceLength })
  checkInteger('number of hashes', hashes.length, { min: 1, max: maxPieces })
  checkInteger('length', length, { min: pieceLength * (hashes.length - 1) + 1, max: pieceLength * hashes.length })
  const wrong = hashes.findIndex((hash) => hash.length !== 32)
  if (wrong >= 0)
    throw new RangeError(`the hash of piece ${wrong} is ${describe(hashes[wrong])}; a SHA-256 hash has 32`)
  return metainfo
}
