/** The questions of this deck: two about what the room should know already, five about what it has just seen. */
import type { QuizQuestion } from '../theme/components/quiz-question.ts'

export const priorKnowledge: readonly QuizQuestion[] = [
  {
    question: 'A peer gets the same rumor from two neighbors. How can it know that it is the same?',
    options: [
      { text: 'Both come from the same address' },
      { text: 'Both carry the same identifier, for example a hash of the content', right: true },
      { text: 'The second one arrives later' },
    ],
    because: 'An identifier travels with the rumor. The sender’s address says only who passed it on.',
  },
  {
    question: 'A UDP packet is lost on its way. Who learns of it?',
    options: [
      { text: 'The sender, from the network' },
      { text: 'The receiver, from the network' },
      { text: 'Nobody, unless the two programs have a protocol for it', right: true },
    ],
    because: 'UDP neither acknowledges nor repeats (RFC 768). If a loss must be noticed, the program has to do it.',
  },
]

export const review: readonly QuizQuestion[] = [
  {
    question: 'Push, fanout 2, no loss. Six of 60 peers never hear. Why?',
    options: [
      { text: 'Their packets were lost' },
      { text: 'By chance, nobody chose to tell them', right: true },
      { text: 'The TTL was too small' },
    ],
    because: 'Everybody who heard told two others, and none chose these six. Chance leaves holes without any fault.',
  },
  {
    question: 'Push with fanout 3 reaches 95 % of 1,000 peers in 0.36 s. About how long for 100,000?',
    options: [{ text: '0.6 s', right: true }, { text: '3.6 s' }, { text: '36 s' }],
    because: 'Each wave of fanout 3 nearly triples those who know. 100 times more peers cost about four more waves.',
  },
  {
    question: 'Half of the peers know the rumor. Which style needs the fewest further rounds?',
    options: [
      { text: 'Push: those who know tell one other' },
      { text: 'Pull: those who do not know ask one other', right: true },
      { text: 'Both need the same' },
    ],
    because: 'Pull squares the share that is left in each round: 50 %, 25 %, 6 %, 0.4 %. Push divides it by about 2.7.',
  },
  {
    question: 'Why do Bitcoin nodes announce a transaction’s hash before they send the transaction?',
    options: [
      { text: 'A hash is safer to send' },
      { text: 'A neighbor that has it already is spared the large copy', right: true },
      { text: 'It makes the transaction arrive sooner' },
    ],
    because: 'A duplicate announcement is 36 bytes. The price is one more round trip: announce, request, content.',
  },
  {
    question: 'A cable is cut for ten minutes. Repair tells names for ten seconds. What does the far side hear?',
    options: [
      { text: 'Everything, as soon as the cable is back' },
      { text: 'Only what is published after the cable is back', right: true },
      { text: 'Everything, ten seconds later' },
    ],
    because: 'By then nobody talks of the old rumors any more. Repair must last longer than the fault.',
  },
]
