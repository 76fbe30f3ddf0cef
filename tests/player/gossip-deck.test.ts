/** The gossip deck says what its runs do: each sentence with a number is made here, and looked for where it is said. */
import { Run, type RunSpec } from '@peerlab/engine'
import { beforeAll, describe, expect, test } from 'vitest'
import { crashes, cutAndHeal } from '../../slides/03-gossip/plans.ts'
import { fanoutTwo, lastPeer, morePeers, repair } from '../../slides/03-gossip/predictions.ts'
import { measured } from '../../slides/theme/components/gossip/growth.ts'
import { readModules, type Slide } from '../support/decks.ts'

interface Numbers {
  /** How many nodes have heard, of those that are up. */
  readonly informed: number
  readonly messages: number
  readonly duplicates: number
  readonly hops: number
  /** The round in which the last heard, and the times when 50 %, 95 % and all had, in ms; NaN where that never came. */
  readonly rounds: number
  readonly time50: number
  readonly time95: number
  readonly time100: number
}

let slides: readonly Slide[] = []
beforeAll(async () => {
  slides = (await readModules()).find(({ id }) => id === '03-gossip')!.slides
})

const finished = new Map<string, Numbers>()

function run(
  parameters: NonNullable<RunSpec['parameters']>,
  seed = 7,
  actions: NonNullable<RunSpec['actions']> = [],
): Numbers {
  const key = JSON.stringify([parameters, seed, actions])
  const known = finished.get(key)
  if (known !== undefined) return known
  const one = new Run({ scenario: 'gossip', seed, parameters, actions })
  one.finish()
  const measures = one.world.measures()
  const { size } = one.world.simulation
  const isUp = Array.from({ length: size }, (_, node) => one.world.simulation.isUp(node))
  const number = (name: string): number => measures[name] ?? NaN
  const numbers = {
    informed: Math.round(number('coverage') * isUp.filter(Boolean).length),
    messages: number('messages'),
    duplicates: number('duplicates'),
    hops: number('hops'),
    rounds: number('rounds'),
    time50: number('time50'),
    time95: number('time95'),
    time100: number('time100'),
  }
  finished.set(key, numbers)
  return numbers
}

const thousands = (value: number): string => value.toLocaleString('en')
const inRounds = { size: 100, degree: 12, fanout: 1, timing: 'rounds', stop: 'never' }
const lossy = { size: 60, style: 'gossip', fanout: 2, loss: 0.2, period: 200, duration: 6000 }
const mongering = { size: 60, style: 'rumor', fanout: 1, stop: 'counter-feedback', period: 200 }
const cut = { topology: 'small-world', size: 60, style: 'gossip', fanout: 3, rumors: 0, period: 200, duration: 6000 }
const flood = { size: 60, style: 'flood' }
const ofRounds = (style: string): Numbers => run({ ...inRounds, style }, 12)

/** Slide by its title, and what has to stand on it or in its notes. */
const sentences: readonly (readonly [title: string, sentence: () => string])[] = [
  ['Ten lines', () => `${run({ ...flood, topology: 'grid', ttl: 3 }).informed} of 60 hear: those within three hops`],
  [
    'Ten lines',
    () => {
      const { informed, messages, duplicates } = run({ ...flood, topology: 'grid', ttl: 10 })
      return `TTL to 10: all ${informed} hear, with ${messages} messages, ${duplicates} of them duplicates`
    },
  ],
  ...[1, 2].map((fanout) => {
    const sentence = (): string => {
      const { informed, messages, duplicates } = run({ size: 60, fanout })
      return `${informed} of 60 hear, ${messages} messages, ${duplicates} duplicate${duplicates === 1 ? '' : 's'}.`
    }
    return ['More fanout closes', sentence] as const
  }),
  [
    'More fanout closes',
    () => {
      const { informed, messages, duplicates, time100 } = run({ size: 60, fanout: 3 })
      return `All ${informed} hear, ${messages} messages, ${duplicates} duplicates, after ${Math.round(time100)} ms.`
    },
  ],
  [
    'More fanout closes',
    () =>
      `fanout 5 gives ${run({ size: 60, fanout: 5 }).messages} messages and ${run({ size: 60, fanout: 5 }).duplicates} duplicates`,
  ],
  [
    'More fanout closes',
    () => {
      const { informed, time100, duplicates } = run({ size: 60, fanout: 3, loss: 0.2 })
      const before = run({ size: 60, fanout: 3 }).duplicates
      return `all ${informed} still hear, after ${Math.round(time100)} ms. The duplicates were the reserve: they fall from ${before} to ${duplicates}.`
    },
  ],
  ['The last peers', () => `what happened: ${run({ size: 60, fanout: 2 }).informed} of 60`],
  [
    'Flooding is faster',
    () => {
      const { informed, time100, messages, duplicates } = run(flood)
      return `Flooding has reached all ${informed} after ${Math.round(time100)} ms, with ${messages} messages, ${duplicates} of them duplicates.`
    },
  ],
  [
    'The same TTL',
    () => {
      const grid = run({ ...flood, topology: 'grid', ttl: 3 })
      return `On the grid ${grid.informed} of 60 hear, with ${grid.messages} messages.`
    },
  ],
  [
    'The same TTL',
    () => {
      const { informed, messages } = run({ ...flood, ttl: 3 })
      return `where each peer has eight neighbors, all ${informed} hear, with ${messages} messages.`
    },
  ],
  [
    'The same TTL',
    () => {
      const reached = [4, 5, 7, 10].map((ttl) => run({ ...flood, topology: 'grid', ttl }).informed)
      return `TTL 4 reaches ${reached[0]}, TTL 5 reaches ${reached[1]}, TTL 7 reaches ${reached[2]}, TTL 10 all ${reached[3]}.`
    },
  ],
  [
    '17 times more',
    () => {
      const [small, large] = [run({ size: 60 }), run({ size: 1000 })]
      return `95 % have heard after ${Math.round(small.time95)} ms with 60 peers, and after ${Math.round(large.time95)} ms with 1,000.`
    },
  ],
  ['17 times more', () => `from ${run({ size: 60 }).hops} hops to ${run({ size: 1000 }).hops}.`],
  ['17 times more', () => `${run({ size: 60 }).messages} and ${thousands(run({ size: 1000 }).messages)}`],
  ['17 times more', () => `with 1,000 peers, ${1000 - run({ size: 1000 }).informed} never hear`],
  [
    'Pull starts late',
    () => `Push: half of the peers after ${halfOf('rumor')} rounds, all after ${ofRounds('rumor').rounds}.`,
  ],
  ['Pull starts late', () => `Pull: half after ${halfOf('pull')} rounds, all after ${ofRounds('pull').rounds}.`],
  [
    'Pull starts late',
    () =>
      `push ${thousands(ofRounds('rumor').messages)}, most of them duplicates, because here it never stops. Pull ${thousands(ofRounds('pull').messages)}`,
  ],
  [
    'Both in one call',
    () => `Push-pull: half after ${halfOf('push-pull')} rounds, all after ${ofRounds('push-pull').rounds}.`,
  ],
  ['Both in one call', () => `Push: half after ${halfOf('rumor')}, all after ${ofRounds('rumor').rounds}.`],
  [
    'Both in one call',
    () =>
      `${thousands(ofRounds('push-pull').messages)} for push-pull, ${thousands(ofRounds('rumor').messages)} for push.`,
  ],
  [
    'More stubborn',
    () => {
      const [one, three] = [run({ ...mongering, k: 1 }), run({ ...mongering, k: 3 })]
      return `${one.informed} of 60 hear, ${one.messages} messages. With k = 3 all ${three.informed} hear, ${three.messages} messages.`
    },
  ],
  [
    'Predict: what does',
    () => {
      const { informed, messages } = run({ ...lossy, fanout: 6, repairRounds: 0 }, 1)
      return `with fanout 6 this network reaches all ${informed} as well, with ${messages} packets`
    },
  ],
  ['Names are small', () => `left side is silent with ${run({ ...lossy, repairRounds: 0 }, 1).informed} of 60`],
  [
    'Names are small',
    () => {
      const { informed, time100 } = run({ ...lossy, repairRounds: 8 }, 1)
      return `All ${informed} have it after ${(time100 / 1000).toFixed(1)} s.`
    },
  ],
  [
    'Names are small',
    () =>
      `${run({ ...lossy, repairRounds: 0 }, 1).messages} messages on the left, ${run({ ...lossy, repairRounds: 8 }, 1).messages} on the right.`,
  ],
  [
    'Names are small',
    () =>
      `${run({ ...lossy, repairRounds: 0 }, 1).duplicates} and ${run({ ...lossy, repairRounds: 8 }, 1).duplicates}. Repair sends content only`,
  ],
  ['18 of 60', () => `${run({ size: 60, fanout: 3 }, 7, crashes).informed} of the 42 living peers hear, 90 %.`],
  [
    '18 of 60',
    () => {
      const { informed, messages } = run({ size: 60, fanout: 5 }, 7, crashes)
      return `set fanout to 5: all ${informed} hear, with ${messages} messages.`
    },
  ],
  [
    'Repair has to last',
    () => {
      const { informed, time100 } = run({ ...cut, repairRounds: 20 }, 7, cutAndHeal)
      return `${informed} of 60 after ${(time100 / 1000).toFixed(1)} s.`
    },
  ],
  [
    'Repair has to last',
    () => `nothing happens, for ever: ${run({ ...cut, repairRounds: 8 }, 7, cutAndHeal).informed} of 60.`,
  ],
  [
    'Repair has to last',
    () =>
      `Messages: ${run({ ...cut, repairRounds: 8 }, 7, cutAndHeal).messages} and ${thousands(run({ ...cut, repairRounds: 20 }, 7, cutAndHeal).messages)}.`,
  ],
  ['An attacker needs', () => `1 packet in, ${1 + run({ size: 60, fanout: 3 }).messages} in all`],
  ['Three beliefs', () => `Fanout 2: **nobody chose** ${60 - run({ size: 60, fanout: 2 }).informed} of the 60.`],
  [
    'Three beliefs',
    () =>
      `Fanout 3 → 5: **${run({ size: 60, fanout: 3 }).duplicates} → ${run({ size: 60, fanout: 5 }).duplicates} duplicates,**`,
  ],
]

/** The round in which half knew. */
function halfOf(style: string): number {
  return Math.floor(ofRounds(style).time50 / 1000)
}

describe('a number in the gossip deck', () => {
  test.each(sentences)('on the slide “%s …” is that of its run', (title, sentence) => {
    const slide = slides.find((each) => each.title.startsWith(title))
    expect(slide, `a slide whose title begins with "${title}"`).toBeDefined()
    expect(`${slide!.content}\n${slide!.notes}`).toContain(sentence())
  })

  test.each(measured)('in the chart of growth is that of the run with $size peers', ({ size, millis }) => {
    expect(Math.round(run({ size }).time95)).toBe(millis)
  })

  test('is the right answer of each prediction', () => {
    const rightOf = ({ options, answer }: typeof repair): string => options[answer]!
    expect(rightOf(fanoutTwo)).toBe(`about ${run({ size: 60, fanout: 2 }).informed}`)
    expect(rightOf(morePeers)).toBe(`about ${(run({ size: 1000 }).time95 / 1000).toFixed(2)} s`)
    expect(rightOf(repair)).toBe(`all ${run({ ...lossy, repairRounds: 8 }, 1).informed}`)
    const last = ['rumor', 'pull', 'push-pull'].map((style) => ofRounds(style).rounds)
    expect(rightOf(lastPeer)).toBe(lastPeer.options[last.indexOf(Math.min(...last))])
  })
})
