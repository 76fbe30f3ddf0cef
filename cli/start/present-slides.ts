import type { Context } from '../context.ts'
import { openBrowser } from './browser.ts'
import { choosePort } from './choose-port.ts'
import { askedDeck } from './decks.ts'
import { serveDeck } from './serve-deck.ts'

export interface PresentRequest {
  /** Undefined: the whole course. */
  readonly module: string | undefined
  readonly port: string | undefined
  readonly open: boolean
}

/** `peerlab start`: serves the slides until Ctrl-C. */
export async function presentSlides(context: Context, { module, port: wanted, open }: PresentRequest): Promise<void> {
  const { out } = context
  const deck = askedDeck(module)
  const port = await choosePort(context, wanted, module === undefined ? 'start' : `start ${deck.id}`)
  const what = module === undefined ? 'Peerlab' : `The deck ${deck.id}`
  await serveDeck(context, deck, port, (url) => {
    out.line(`${what} is at ${url} (Ctrl+C stops it)`)
    if (open && out.isTerminal) openBrowser(url)
  })
}
