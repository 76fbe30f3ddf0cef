/** What a key draws never asks for more than a right answer can give. */
import * as engine from '@peerlab/engine'
import { LocalSubject } from '@peerlab/engine'
import * as solution from '../../solutions/02-discovery/discovery.ts'
import { describeContract } from '../labs/describe-contract.ts'
import { discoveryContract } from './discovery.ts'
import { hiddenDraw } from './draw.ts'

for (const [name, exports] of [
  ["the engine's protocol", engine],
  ['the solution', solution],
] as const) {
  for (let key = 0; key < 6; key++) {
    describeContract(
      `${name} passes 02-discovery in the networks of key ${key}`,
      discoveryContract,
      async () => new LocalSubject({ ...exports }),
      hiddenDraw(Uint8Array.of(key), discoveryContract.lab),
    )
  }
}
