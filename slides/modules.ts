/** The core of the course: eight modules in the order in which they are taught. */

export interface CourseModule {
  /** `NN-name`: the folder of the module's deck under `slides/`. */
  readonly id: string
  readonly title: string
  /** The question that opens the deck, and that nobody in the room can answer yet. */
  readonly question: string
  /** `NN-name` or `NNx-name`: folders under `labs/`. */
  readonly labs: readonly string[]
}

/** The lab before the first module. It is not graded. */
export const warmUpLab = '00-hello'

export const courseModules: readonly CourseModule[] = [
  {
    id: '01-centralized-vs-decentralized',
    title: 'Centralized and decentralized',
    question: 'What is left when the server dies?',
    labs: ['01-download'],
  },
  {
    id: '02-discovery',
    title: 'Discovery',
    question: 'You know nobody. Now what?',
    labs: ['02-discovery'],
  },
  {
    id: '03-gossip',
    title: 'Gossip',
    question: 'How does one message reach ten thousand strangers?',
    labs: ['03-gossip'],
  },
  {
    id: '04-partitions',
    title: 'Partitions',
    question: 'The cable is cut. Who is right?',
    labs: ['04-partitions'],
  },
  {
    id: '05-eclipse',
    title: 'Eclipse attacks',
    question: 'What if everyone you know is the same person?',
    labs: ['05-eclipse'],
  },
  {
    id: '06-libp2p',
    title: 'libp2p',
    question: 'What do all these networks build again and again?',
    labs: ['06a-multiaddr', '06b-kademlia'],
  },
  {
    id: '07-nat',
    title: 'Address translation',
    question: 'Why can nobody call you back?',
    labs: ['07-nat'],
  },
  {
    id: '08-dos',
    title: 'Denial of service',
    question: 'How do you stay up when they want you down?',
    labs: ['08-dos'],
  },
]
