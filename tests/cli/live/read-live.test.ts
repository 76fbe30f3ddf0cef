import { describe, expect, it } from 'vitest'
import { WrongUse } from '../../../cli/failure.ts'
import { readLive, type LiveRequest } from '../../../cli/live/read-live.ts'

type Typed = Partial<LiveRequest>

function read(typed: Typed) {
  return readLive({ what: 'gossip', excess: [], ...typed })
}

/** What is typed, and what must be in the answer. */
const misuses: readonly (readonly [typed: Typed, says: readonly string[]])[] = [
  [{ what: undefined }, ['Name the scenario', 'npx peerlab live gossip --nodes 20']],
  [{ what: 'gosip' }, ['There is no scenario "gosip".', 'Did you mean "gossip"?']],
  [{ what: 'hello' }, ['hello has no form on real connections', 'gossip', 'npx peerlab run hello']],
  [{ what: 'peerlab:gossip?seed=7' }, ['A link replays a run of the simulator', 'npx peerlab live gossip']],
  [{ excess: ['fanout=2'] }, ['one word too many', '--set fanout=2']],
  [{ excess: ['now'] }, ['one word too many', 'npx peerlab live --help']],
  ...['1', '0', '201', '5000', '-3', '2.5', '1e2', 'many', ''].map(
    (nodes) => [{ nodes }, [`--nodes cannot be "${nodes}"`, 'from 2 to 200']] as const,
  ),
  [{ set: ['size=5000'] }, ['size cannot be 5000', 'from 2 to 200']],
  [{ nodes: '5', set: ['size=6'] }, ['given twice', '--nodes 5', '--set size=6']],
  [{ seed: 'x' }, ['--seed cannot be "x"']],
  [{ set: ['fanuot=2'] }, ['Did you mean "fanout"?', 'npx peerlab scenarios gossip']],
  [{ set: ['fanout=0'] }, ['fanout cannot be "0"', 'whole number from 1 to 64']],
  [{ set: ['rumors=0'] }, ['With rumors=0 nothing is published']],
]

describe('what is to be run on real connections', () => {
  it.each(misuses)('is refused with what is wrong and what to do: %j', (typed, says) => {
    let thrown: unknown
    try {
      read(typed)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(WrongUse)
    const { message, wayOut } = thrown as WrongUse
    for (const part of says) expect(`${message} ${wayOut}`).toContain(part)
  })

  it('has 20 nodes, unless it is told otherwise in one of two ways', () => {
    expect(read({}).parameters).toEqual({ size: 20 })
    expect(read({ nodes: '200' }).parameters).toEqual({ size: 200 })
    expect(read({ set: ['size=40', 'fanout=2'] }).parameters).toEqual({ size: 40, fanout: 2 })
  })

  it('has the seed and the lab that are given', () => {
    expect(read({ seed: '7', lab: '03-gossip' })).toMatchObject({ seed: 7, lab: '03-gossip' })
  })

  it('has another seed each time where none is given', () => {
    expect(new Set([1, 2, 3, 4].map(() => read({}).seed)).size).toBeGreaterThan(1)
  })

  it('has as many neighbors for a few nodes as the graph allows, and leaves alone what is given', () => {
    const degrees = [2, 3, 4, 5, 6, 7, 8].map((nodes) => read({ nodes: String(nodes) }).parameters!['degree'])
    expect(degrees).toEqual([1, 2, 2, 4, 4, 6, 6])
    expect(read({ nodes: '9' }).parameters).toEqual({ size: 9 })
    expect(read({ nodes: '5', set: ['degree=2'] }).parameters).toEqual({ size: 5, degree: 2 })
  })
})
