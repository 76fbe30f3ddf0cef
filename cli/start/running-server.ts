import { realpathSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import { projectRoot } from '../project.ts'
import { askPage } from './ask-page.ts'

/** A server that is busy starting may need this long for its first page. */
const patienceMillis = 5000

/**
 * The markdown file of this very folder that is served at an address, or undefined where something else or nothing is.
 * The page of a slide server names the file that it was made from, which is sure where a title is not: another copy of
 * Peerlab has the same titles, but other lab files.
 */
export async function servedDeck(url: string, root = projectRoot): Promise<string | undefined> {
  const page = await askPage(url, patienceMillis)
  const entry = page?.status === 200 ? entryOf(page.text) : undefined
  try {
    return entry !== undefined && isInside(entry, root) ? realpathSync(entry) : undefined
  } catch {
    return undefined // a file that is not there any more
  }
}

/** Whether the slides of this very folder are served at an address, whichever deck it is. */
export async function servesPeerlab(url: string, root = projectRoot): Promise<boolean> {
  return (await servedDeck(url, root)) !== undefined
}

/** The markdown file that a page of a slide server was made from. */
export function entryOf(page: string): string | undefined {
  const raw = /<meta property="slidev:entry" content="([^"]*)">/.exec(page)?.[1]
  return raw?.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function isInside(file: string, folder: string): boolean {
  const path = relative(realpathSync(folder), realpathSync(file))
  return !path.startsWith('..') && !isAbsolute(path)
}
