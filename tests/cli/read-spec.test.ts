import { describe, expect, it } from 'vitest'
import { WrongUse } from '../../cli/failure.ts'
import { readSpec, readUntil, type SpecRequest } from '../../cli/run/read-spec.ts'

function gossip(given: Partial<SpecRequest>): SpecRequest {
  return { what: 'gossip', seed: '7', excess: [], ...given }
}

function link(what: string, given: Partial<SpecRequest> = {}): SpecRequest {
  return { what, excess: [], ...given }
}

function complaint(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof WrongUse) return `${error.message} ${error.wayOut ?? ''}`
    throw error
  }
  return 'none'
}

describe('what is to be run', () => {
  it('comes from a scenario, a seed and settings of every type', () => {
    expect(readSpec(gossip({ set: ['fanout=2', 'loss=0.05', 'style = push-pull'], lab: '03-gossip' }))).toEqual({
      scenario: 'gossip',
      seed: 7,
      parameters: { fanout: 2, loss: 0.05, style: 'push-pull' },
      lab: '03-gossip',
    })
  })

  it('comes from a link, with or without a lab', () => {
    expect(readSpec(link('peerlab:gossip?seed=9&fanout=2'))).toMatchObject({ seed: 9, parameters: { fanout: 2 } })
    expect(readSpec(link('peerlab:gossip?seed=9', { lab: '03-gossip' }))).toMatchObject({ seed: 9, lab: '03-gossip' })
  })

  it.each<[given: Partial<SpecRequest>, says: readonly string[]]>([
    [{ seed: 'seven' }, ['--seed cannot be "seven"', 'whole number from 0']],
    [{ seed: '-1' }, ['--seed cannot be "-1"']],
    [{ seed: '1.5' }, ['--seed cannot be "1.5"']],
    [{ seed: '99999999999999999999' }, ['to 9007199254740991']],
    [{ set: ['fanout:2'] }, ['no parameter "fanout:2"', 'Did you mean "fanout"?', '--set name=value']],
    [{ set: ['fanout'] }, ['--set fanout has no value', '--set fanout=3', '1 to 64 (nodes)']],
    [{ set: ['fanout='] }, ['has no value']],
    [{ set: ['=2'] }, ['has no name']],
    [{ set: ['period=1s'] }, ['period cannot be "1s"', '(ms)']],
    [{ set: ['style=psuh'] }, ['style cannot be "psuh"', 'Did you mean "push"?', 'push-pull']],
    [{ set: ['toString=1'] }, ['no parameter "toString"']],
    [{ set: ['fanout=2', 'fanout=3'] }, ['fanout is set twice', 'fanout=2', 'fanout=3']],
    [{ excess: ['fanout=2'] }, ['"fanout=2" is one word too many', '--set fanout=2']],
    [{ excess: ['hello'] }, ['one scenario at a time']],
    [{ what: 'peerlab:gossip?seed=7', set: ['size=9'] }, ['its own seed', '--seed']],
  ])('is refused for %j', (given, says) => {
    const text = complaint(() => readSpec(gossip(given)))
    for (const part of says) expect(text).toContain(part)
  })

  it.each<[what: string, given: Partial<SpecRequest>, says: readonly string[]]>([
    ['peerlab:gosip?seed=7', {}, ['Did you mean "gossip"?']],
    ['peerlab:gossip', {}, ['The link cannot be read', 'seed', 'in quotes']],
    ['peerlab:gossip?seed=7&fanuot=2', {}, ['"fanuot"', 'Did you mean "fanout"?']],
    ['peerlab:gossip?seed=7', { set: ['size=9'] }, ['its own seed', '--set']],
    ['peerlab:gossip?seed=7&lab=03-gossip', { lab: '00-hello' }, ['of lab 03-gossip, not 00-hello']],
  ])('is refused for the link %s with %j', (what, given, says) => {
    const text = complaint(() => readSpec(link(what, given)))
    for (const part of says) expect(text).toContain(part)
  })
})

describe('--until', () => {
  it('is a virtual time from 0, with or without a fraction, or no bound', () => {
    expect([readUntil('0'), readUntil('12.5'), readUntil(undefined)]).toEqual([0, 12.5, undefined])
  })

  it.each(['-1', 'soon', '', 'Infinity', '1e13'])('cannot be "%s"', (text) => {
    expect(complaint(() => readUntil(text))).toContain(`--until cannot be "${text}"`)
  })
})
