/**
 * The server of a client-server download: it has a file in pieces and sends what it is asked for. All bytes leave by its
 * uplink: for N clients that takes at least NF/u_s, and F/d_min for the slowest of them.
 *
 * Kurose and Ross, "Computer Networking", section 2.5. Simplified: no connections, no congestion control; a piece is one
 * packet.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Metainfo } from '../piece-exchange/metainfo.ts'
import { isPieceMessage, type AboutPiece, type PieceData } from '../piece-exchange/messages.ts'
import { PieceStore, type GivenPieces } from '../piece-exchange/piece-store.ts'
import { Uploads } from '../piece-exchange/uploads.ts'

export interface FileServerOptions {
  readonly metainfo: Metainfo
  readonly pieces: GivenPieces
  /** The server's own uplink in bytes a second, over 0; see uploads.ts. Default: not known, it sends at once. */
  readonly uploadRate?: number
}

export class FileServer implements Protocol<AboutPiece | PieceData> {
  readonly #host: Host<AboutPiece | PieceData>
  readonly #options: FileServerOptions
  readonly #store: PieceStore
  readonly #uploads: Uploads

  constructor(host: Host<AboutPiece | PieceData>, options: FileServerOptions) {
    this.#host = host
    this.#options = options
    this.#store = new PieceStore(options.metainfo, undefined)
    this.#uploads = new Uploads(host, options.uploadRate ?? Infinity, (client, piece) => this.#serve(client, piece))
  }

  onStart(): void {
    this.#store.load(this.#options.pieces)
  }

  onMessage(from: Address, message: Message): void {
    if (!isPieceMessage(message, this.#store.owned.size) || message.type !== 'request') {
      this.#host.report('malformed', { type: message.type })
    } else if (this.#store.owned.has(message.piece)) {
      this.#uploads.request(from, message.piece)
    }
  }

  onTimer(name: string): void {
    this.#uploads.onTimer(name)
  }

  #serve(client: Address, piece: number): void {
    this.#uploads.send(client, { type: 'piece', piece, data: this.#store.get(piece)! } as PieceData)
  }
}
