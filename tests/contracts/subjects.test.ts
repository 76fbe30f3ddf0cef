/** Every contract holds for the engine's own protocol and for the solution, through Vitest's adapter. */
import * as engine from '@peerlab/engine'
import { LocalSubject } from '@peerlab/engine'
import { describeContract } from '../labs/describe-contract.ts'
import { contracts } from './registry.ts'

const solutions = import.meta.glob<Record<string, unknown>>('../../solutions/*/*.ts', { eager: true })

for (const contract of contracts) {
  describeContract(
    `the engine's protocol passes ${contract.lab}`,
    contract,
    async () => new LocalSubject({ ...engine }),
  )
  const [solution] = Object.keys(solutions).filter((path) => path.includes(`/solutions/${contract.lab}/`))
  describeContract(
    `the solution passes ${contract.lab}`,
    contract,
    async () => new LocalSubject(solutions[solution ?? '']!),
  )
}
