/** What a key draws never asks for more than a right answer can give. */
import * as engine from '@peerlab/engine'
import { LocalSubject } from '@peerlab/engine'
import { describeContract } from '../labs/describe-contract.ts'
import { hiddenDraw } from './draw.ts'
import { kademliaContract } from './kademlia.ts'

for (let key = 0; key < 8; key++) {
  describeContract(
    `the engine's protocol passes 06b-kademlia in the networks of key ${key}`,
    kademliaContract,
    async () => new LocalSubject({ ...engine }),
    hiddenDraw(Uint8Array.of(key), kademliaContract.lab),
  )
}
