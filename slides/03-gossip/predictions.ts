/** What the room predicts in this deck. The numbers are those of the demos that follow. */
import type { Prediction } from '../theme/components/prediction.ts'

export const fanoutTwo: Prediction = {
  id: 'gossip-fanout-2',
  question: 'Each peer knows eight others. Whoever hears tells two of them, once. No packet is lost.',
  options: ['all 60', 'about 54', 'about 30', 'fewer than 10'],
  answer: 1,
}

export const morePeers: Prediction = {
  id: 'gossip-scale',
  question:
    'With 60 peers, 95 % have heard after 0.23 s. How long does it take with 1,000 peers, at the same fanout 3?',
  options: ['about 0.25 s', 'about 0.36 s', 'about 1 s', 'about 4 s'],
  answer: 1,
}

export const lastPeer: Prediction = {
  id: 'gossip-pull',
  question: '100 peers act in rounds. In each round everybody may make one call to one neighbor.',
  options: ['push: tell it', 'pull: ask it', 'push-pull: both in one call', 'all the same'],
  answer: 2,
}

export const repair: Prediction = {
  id: 'gossip-repair',
  question:
    'Fanout 2, one packet in five is lost: 45 of 60 hear. Then each peer tells one neighbor, on eight beats, which names it has.',
  options: ['still about 45', 'about 52', 'all 60'],
  answer: 2,
}
