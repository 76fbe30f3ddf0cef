import { engineVersion, toLink, type RunLink, type RunSpec } from '@peerlab/engine'
import type { Recording, RecordingData } from './recording.ts'
import { strings } from './strings.ts'

/** The part of a player that a link is made of. */
interface Shown {
  readonly spec: { readonly value: RunSpec }
  readonly playhead: { readonly value: number }
  readonly recording: { readonly value: Recording | undefined }
  readonly isCurrent: { readonly value: boolean }
}

/** The link that shows what a player shows: the run, the moment, and what the run has to be to be the same. */
export function linkOf({ spec, playhead, recording, isCurrent }: Shown): string {
  // The old run is still shown while the new one is computed: its fingerprint says nothing of the new one.
  const data = isCurrent.value ? recording.value?.data : undefined
  const at = Math.round(playhead.value * 1000) / 1000
  return toLink(spec.value, { playhead: at, fingerprint: data?.fingerprint, code: data?.code })
}

/** What is different from the run that the link was made of; undefined where nothing is, or nothing is known. */
export function differenceFrom(link: RunLink | undefined, data: RecordingData): string | undefined {
  if (link?.fingerprint === undefined || link.fingerprint === data.fingerprint) return undefined
  if (link.code !== data.code) return strings.differsCode
  if (link.version !== undefined && link.version !== engineVersion)
    return strings.differsVersion(link.version, engineVersion)
  return strings.differs
}
