import type { Contract } from './contract.ts'
import { discoveryContract } from './discovery.ts'
import { gossipContract } from './gossip.ts'
import { helloContract } from './hello.ts'
import { kademliaContract } from './kademlia.ts'

/** Every lab's contract. */
export const contracts: readonly Contract[] = [helloContract, discoveryContract, gossipContract, kademliaContract]

export function findContract(lab: string): Contract {
  const found = contracts.find((contract) => contract.lab === lab)
  if (found !== undefined) return found
  throw new RangeError(
    `there is no contract for the lab "${lab}"; there is ${contracts.map((contract) => contract.lab).join(', ')}`,
  )
}
