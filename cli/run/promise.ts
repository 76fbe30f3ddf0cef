import { engineVersion, isLink, readLink } from '@peerlab/engine'
import type { Outcome } from './outcome.ts'

/**
 * In what way a finished run is not the one that its link was made of; undefined where it is that one, or the link does
 * not say what that one was.
 */
export function brokenPromise(what: string | undefined, { fingerprint, reason }: Outcome): string | undefined {
  // A run that was cut off by --until has a fingerprint of its own.
  if (what === undefined || !isLink(what) || reason === 'time') return undefined
  const link = readLink(what)
  if (link.fingerprint === undefined || link.fingerprint === fingerprint) return undefined
  return `This is not the run that the link was made of, which had the fingerprint ${link.fingerprint}. ${causeOf(link)}`
}

/** What to know of a link before its run is made; undefined where there is nothing. */
export function otherVersion(link: string): string | undefined {
  const { version } = readLink(link)
  if (version === undefined || version === engineVersion) return undefined
  return `The link was made with version ${version} of the engine; this is ${engineVersion}, and its run may be another one.`
}

function causeOf({
  version,
  code,
}: {
  readonly version?: string | undefined
  readonly code?: string | undefined
}): string {
  if (version !== undefined && version !== engineVersion) {
    return `That was with version ${version} of the engine; this is ${engineVersion}.`
  }
  if (code !== undefined) return 'The lab file was probably another one then.'
  return 'The link or the engine was changed since then: make a new link with this version.'
}
