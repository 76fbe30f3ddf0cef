import { discoveryWrongAnswers } from './discovery.ts'
import { gossipWrongAnswers } from './gossip.ts'
import { helloWrongAnswers } from './hello.ts'
import { kademliaWrongAnswers } from './kademlia.ts'
import type { WrongAnswer } from './wrong-answer.ts'

/** The known-wrong answers of each lab. */
export const wrongAnswers: { readonly [lab: string]: readonly WrongAnswer[] } = {
  '00-hello': helloWrongAnswers,
  '02-discovery': discoveryWrongAnswers,
  '03-gossip': gossipWrongAnswers,
  '06b-kademlia': kademliaWrongAnswers,
}
