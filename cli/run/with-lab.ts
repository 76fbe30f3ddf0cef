import type { RunSpec } from '@peerlab/engine'
import { WrongUse } from '../failure.ts'

/** The lab's full id; it must be one of this scenario. */
export async function withLab(spec: RunSpec): Promise<RunSpec> {
  if (spec.lab === undefined) return spec
  const { namedLab } = await import('../labs/asked-lab.ts')
  const { id, scenario } = namedLab(spec.lab)
  if (scenario === spec.scenario) return { ...spec, lab: id }
  throw new WrongUse(
    `The code of lab ${id} does not run in ${spec.scenario}.`,
    `It runs in ${scenario}: npx peerlab run ${scenario} --seed ${spec.seed} --lab ${id}`,
  )
}
