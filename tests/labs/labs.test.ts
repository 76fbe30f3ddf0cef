/**
 * The lab files as they stand, loaded directly: for the debugger, and red until they are solved. Not a part of
 * `npm test`; run it with `npm run test:labs`.
 */
import { LocalSubject } from '@peerlab/engine'
import { contracts } from '../contracts/registry.ts'
import { describeContract } from './describe-contract.ts'

const files = import.meta.glob<Record<string, unknown>>('../../labs/*/*.ts')

for (const contract of contracts) {
  const [path] = Object.keys(files).filter((name) => name.includes(`/labs/${contract.lab}/`))
  describeContract(
    `labs/${contract.lab}`,
    contract,
    async () => new LocalSubject(path === undefined ? {} : await files[path]!()),
  )
}
