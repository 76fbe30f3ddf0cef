import { realpathSync } from 'node:fs'
import type { Context } from '../context.ts'
import { showInBrowser } from './browser.ts'
import { choosePort, usualPlace } from './choose-port.ts'
import { askedDeck } from './decks.ts'
import { serveDeck } from './serve-deck.ts'

export interface PresentRequest {
  /** Undefined: the whole course. */
  readonly module: string | undefined
  readonly port: string | undefined
  readonly open: boolean
}

/** `peerlab start`: serves the slides until Ctrl-C. Where they are served already, it only shows them. */
export async function presentSlides(context: Context, { module, port: wanted, open }: PresentRequest): Promise<void> {
  const deck = askedDeck(module)
  const what = module === undefined ? 'Peerlab' : `The deck ${deck.id}`
  const show = (url: string, how: string): void => {
    context.out.line(`${what} is at ${url} (${how})`)
    if (open) showInBrowser(context, url)
  }
  const usual = await usualPlace(wanted)
  if (usual.deck === realpathSync(deck.path)) return show(usual.url, 'it was started before')
  const command = module === undefined ? 'start' : `start ${deck.id}`
  const port = await choosePort(context, usual, { isWanted: wanted !== undefined, command })
  await serveDeck(context, deck, port, (url) => show(url, 'Ctrl+C stops it'))
}
