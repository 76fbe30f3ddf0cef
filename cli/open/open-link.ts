import { isLink, scenarios } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { WrongUse } from '../failure.ts'
import { otherVersion } from '../run/promise.ts'
import { readSpec } from '../run/read-spec.ts'
import { withLab } from '../run/with-lab.ts'
import { showInBrowser } from '../start/browser.ts'
import { choosePort, usualPlace } from '../start/choose-port.ts'
import { askedDeck } from '../start/decks.ts'
import { serveDeck } from '../start/serve-deck.ts'
import { playgroundUrl } from './playground-url.ts'

export interface OpenRequest {
  readonly link: string
  readonly port: string | undefined
  readonly open: boolean
}

/** `peerlab open`: shows a run in the playground of a server that is there, or of one that is started for it. */
export async function openLink(context: Context, { link, port: wanted, open }: OpenRequest): Promise<void> {
  const { out, err } = context
  await checkLink(link)
  const remark = otherVersion(link)
  if (remark !== undefined) err.line(remark)
  const show = (server: string, how = ''): void => {
    const url = playgroundUrl(server, link)
    out.line(`The run is at ${url}${how}`)
    if (open) showInBrowser(context, url)
  }
  const usual = await usualPlace(wanted)
  if (usual.deck !== undefined) return show(usual.url)
  const port = await choosePort(context, usual, { isWanted: wanted !== undefined, command: `open "${link}"` })
  await serveDeck(context, askedDeck(undefined), port, (server) => show(server, ' (Ctrl+C stops it)'))
}

/** Here a mistake has a message and a way out; on the page it would have to be found first. */
async function checkLink(link: string): Promise<void> {
  if (!isLink(link)) {
    const isScenario = scenarios.some(({ id }) => id === link)
    throw new WrongUse(
      `"${link}" is no link to a run; such links begin with peerlab:`,
      `For example: npx peerlab open "peerlab:${isScenario ? link : 'gossip'}?seed=7"`,
    )
  }
  await withLab(readSpec({ what: link, excess: [] }))
}
