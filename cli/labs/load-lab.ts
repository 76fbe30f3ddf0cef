import { join } from 'node:path'
import { substituteWith, type SubstituteProtocol } from '@peerlab/engine'
import { bundleLab } from './bundle.ts'
import { bundleLoader } from './load-bundle.ts'
import { findManifest, labsFolder } from './manifest.ts'

/** The student's own file of a lab, to run in its scenario. */
export async function loadSubstitute(lab: string): Promise<SubstituteProtocol> {
  const { id, files, exports } = findManifest(lab)
  const { load, dispose } = bundleLoader(await bundleLab(join(labsFolder, id), files[0]!))
  try {
    return substituteWith(await load(), { class: exports[0]! })
  } finally {
    dispose()
  }
}
