import { amplification } from './amplification.ts'
import { architectures } from './architectures.ts'
import { blockPropagation } from './block-propagation.ts'
import { bootstrap } from './bootstrap.ts'
import { churn } from './churn.ts'
import { connectionUpgrade } from './connection-upgrade.ts'
import type { Scenario } from './define-scenario.ts'
import { eclipse } from './eclipse.ts'
import { fileDistribution } from './file-distribution.ts'
import { flood } from './flood.ts'
import { gossip } from './gossip.ts'
import { gossipsub } from './gossipsub.ts'
import { hello } from './hello.ts'
import { kademlia } from './kademlia.ts'
import { lastCopy } from './last-copy.ts'
import { liars } from './liars.ts'
import { multiaddr } from './multiaddr.ts'
import { multiplexing } from './multiplexing.ts'
import { natTraversal } from './nat-traversal.ts'
import { overlay } from './overlay.ts'
import { partition } from './partition.ts'
import { peerScoring } from './peer-scoring.ts'
import { punchingOdds } from './punching-odds.ts'
import { sybil } from './sybil.ts'

/** Every scenario, in the order in which lists show them: that of the course, a module a line. */
export const scenarios: readonly Scenario[] = [
  hello,
  ...[architectures, fileDistribution, overlay],
  ...[bootstrap, liars],
  ...[gossip, gossipsub, blockPropagation],
  ...[partition, lastCopy, churn],
  ...[eclipse, sybil],
  ...[multiaddr, connectionUpgrade, multiplexing, kademlia],
  ...[natTraversal, punchingOdds],
  ...[flood, amplification, peerScoring],
]

/** A scenario was asked for by an id that none has. Knows those that there are. */
export class UnknownScenario extends RangeError {
  override readonly name = 'UnknownScenario'
  readonly scenario: string
  readonly known: readonly string[]

  constructor(scenario: string) {
    const known = scenarios.map(({ id }) => id)
    super(`there is no scenario "${scenario}"; there is ${known.join(', ')}`)
    this.scenario = scenario
    this.known = known
  }
}

export function findScenario(id: string): Scenario {
  const found = scenarios.find((scenario) => scenario.id === id)
  if (found === undefined) throw new UnknownScenario(id)
  return found
}
