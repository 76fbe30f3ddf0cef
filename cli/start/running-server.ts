import { realpathSync } from 'node:fs'
import { relative, isAbsolute } from 'node:path'
import { projectRoot } from '../project.ts'

/** A server that is busy starting may need this long for its first page. */
const patienceMillis = 5000

/**
 * Whether the slides of this very folder are served at an address. The page of a slide server names the file that it was
 * made from, which is sure where a title is not: another copy of Peerlab has the same titles, but other lab files.
 */
export async function servesPeerlab(url: string, root = projectRoot): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMillis), redirect: 'error' })
    const entry = entryOf(await response.text())
    return entry !== undefined && isInside(entry, root)
  } catch {
    return false // nobody there, or somebody who speaks otherwise
  }
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
