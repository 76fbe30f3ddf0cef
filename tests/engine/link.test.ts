import { fromLink, isLink, readLink, Run, scenarios, toLink, UnknownParameter, UnknownScenario } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { runSpec } from '../support/specs.ts'

describe('a link', () => {
  test('holds any run: what is read is what was written', () => {
    fc.assert(
      fc.property(runSpec, (spec) => {
        const link = toLink(spec)
        expect(isLink(link)).toBe(true)
        expect(fromLink(link)).toEqual({ ...spec, parameters: { ...spec.parameters } })
        expect(toLink(fromLink(link))).toBe(link)
      }),
      cases(500),
    )
  })

  test('has only characters that chats, shells in quotes and the query of a URL leave alone', () => {
    fc.assert(
      fc.property(runSpec, (spec) => {
        expect(toLink(spec)).toMatch(/^peerlab:[a-z-]+\?[-\w.!~*'()@,:%&=]+$/)
      }),
      cases(500),
    )
  })

  test('reads as people would write it', () => {
    const spec = {
      scenario: 'gossip',
      seed: 7,
      lab: '03-gossip',
      parameters: { size: 12, loss: 0.1, style: 'gossip' },
      actions: [
        { time: 250, after: 31, input: { action: 'crash', with: { node: 3 } } },
        { time: 300.5, input: { action: 'heal', with: {} } },
      ],
    }
    const link =
      'peerlab:gossip?seed=7&lab=03-gossip&size=12&loss=0.1&style=gossip' +
      '&do=crash@250%2B31~%7B%22node%22:3%7D&do=heal@300.5~%7B%7D'
    expect(toLink(spec)).toBe(link)
    expect(fromLink(link)).toEqual(spec)
    expect(fromLink('peerlab:gossip?seed=7&do=crash@250+31~{"node":3}')).toEqual({
      scenario: 'gossip',
      seed: 7,
      parameters: {},
      actions: [spec.actions[0]],
    })
  })

  test('gives the run that it was made of: the same fingerprint, with what people did', () => {
    const run = new Run({ scenario: 'gossip', seed: 3, parameters: { size: 30, loss: 0.2, style: 'gossip' } })
    run.finish({ until: 120 })
    run.perform('crash', { node: 4 })
    run.finish({ until: 1500 })
    run.perform('publish', { node: 5 })
    run.finish()
    const again = new Run(fromLink(toLink(run.spec)))
    again.finish()
    expect(again.session.simulation.fingerprint).toBe(run.session.simulation.fingerprint)
    expect(again.world.measures()).toEqual(run.world.measures())
  })

  test("carries notes beside the run: playhead, fingerprint with the engine's version, code", () => {
    const spec = { scenario: 'gossip', seed: 1, parameters: {}, actions: [] }
    const notes = { playhead: 123.456, fingerprint: '0123456789abcdef', code: 'a1b2c3' }
    const { version, ...read } = readLink(toLink(spec, notes))
    expect(read).toEqual({ spec, ...notes })
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
    expect(readLink(toLink(spec))).toEqual({ spec })
  })

  test('is not written for a parameter or a scenario that there is not', () => {
    expect(() => toLink({ scenario: 'gossip', seed: 1, parameters: { sise: 3 } })).toThrow(UnknownParameter)
    expect(() => toLink({ scenario: 'gosip', seed: 1 })).toThrow(UnknownScenario)
  })
})

describe('a broken link is refused, with what is wrong:', () => {
  test.each<[string, string, string]>([
    [
      'no link at all',
      'https://example.org/?seed=1',
      '"https://example.org/?seed=1" is no link to a run; such links begin with peerlab:',
    ],
    ['nothing', '', '"" is no link to a run'],
    ['no scenario', 'peerlab:', `there is no scenario ""; there is ${scenarios.map(({ id }) => id).join(', ')}`],
    ['an unknown scenario', 'peerlab:gosip?seed=1', 'there is no scenario "gosip"'],
    ['a name from the prototype', 'peerlab:constructor?seed=1', 'there is no scenario "constructor"'],
    ['no seed', 'peerlab:gossip?size=10', "the link's seed is undefined; it must be a whole number from 0"],
    ['no query', 'peerlab:gossip', "the link's seed is undefined"],
    ['an empty seed', 'peerlab:gossip?seed=', "the link's seed is NaN"],
    ['a seed in words', 'peerlab:gossip?seed=seven', "the link's seed is NaN"],
    ['a negative seed', 'peerlab:gossip?seed=-1', "the link's seed is -1"],
    ['a seed with a fraction', 'peerlab:gossip?seed=1.5', "the link's seed is 1.5"],
    ['a seed past what is exact', 'peerlab:gossip?seed=9007199254740993', "the link's seed is 9007199254740992"],
    ['an unknown parameter', 'peerlab:gossip?seed=1&sise=3', 'gossip has no parameter "sise"; it has size, topology'],
    ['a parameter from the prototype', 'peerlab:gossip?seed=1&__proto__=3', 'gossip has no parameter "__proto__"'],
    ['a value out of range', 'peerlab:gossip?seed=1&size=1', 'size is 1; it must be a whole number from 2 to 1000000'],
    ['an empty value', 'peerlab:gossip?seed=1&size=', 'size is ""; it must be a whole number'],
    ['a field without a value', 'peerlab:gossip?seed=1&size', 'size is ""; it must be a whole number'],
    ['a choice that is none', 'peerlab:gossip?seed=1&style=shout', 'style is "shout"; it must be one of flood, push'],
    ['a broken escape', 'peerlab:gossip?seed=1&style=pu%sh', 'the link\'s style is "pu%sh", with a broken % escape'],
    ['half an escape at the end', 'peerlab:gossip?seed=1&lab=%', 'the link\'s lab is "%", with a broken % escape'],
    [
      'an action without a time',
      'peerlab:gossip?seed=1&do=crash',
      'the link has do="crash"; it must be action@time~{…}',
    ],
    ['an action at no time', 'peerlab:gossip?seed=1&do=crash@soon~{}', 'the link has do="crash@soon~{}"'],
    ['an action at two points', 'peerlab:gossip?seed=1&do=crash@1.2.3~{}', 'the time "1.2.3"'],
    ['an action before the beginning', 'peerlab:gossip?seed=1&do=crash@-5~{}', 'the link has do="crash@-5~{}"'],
    ['an action after a broken number', 'peerlab:gossip?seed=1&do=crash@5+x~{}', 'the link has do="crash@5+x~{}"'],
    [
      'an action with a list',
      'peerlab:gossip?seed=1&do=crash@5~[1]',
      'the link has an action with "[1]"; it must be JSON in braces',
    ],
    ['an action with half an object', 'peerlab:gossip?seed=1&do=crash@5~{"node"', 'it must be JSON in braces'],
    ['an action with null', 'peerlab:gossip?seed=1&do=crash@5~null', 'it must be JSON in braces'],
    ['a playhead that is none', 'peerlab:gossip?seed=1&at=now', 'the time "now"'],
  ])('%s', (_name, link, message) => {
    expect(() => fromLink(link)).toThrow(RangeError)
    expect(() => fromLink(link)).toThrow(message)
  })

  test.each<[string, string, string]>([
    ['an unknown action', 'do=explode@5~{}', 'gossip has no action "explode"; it has publish, crash'],
    ['an action of the prototype', 'do=constructor@5~{}', 'gossip has no action "constructor"'],
    ['an action with an unknown argument', 'do=crash@5~{"who":3}', 'gossip: crash has no parameter "who"; it has node'],
    ['an argument out of range', 'do=crash@5~{"node":-1}', 'node is -1; it must be a whole number from 0'],
    [
      'a node that this run does not have',
      'size=10&do=crash@5~{"node":10}',
      'crash: node is 10; it must be a node from 0 to 9',
    ],
    [
      'an argument from the prototype',
      'do=crash@5~{"__proto__":{"node":1}}',
      'gossip: crash has no parameter "__proto__"',
    ],
  ])('%s, before anything runs', (_name, fields, message) => {
    expect(() => new Run(fromLink(`peerlab:gossip?seed=1&${fields}`))).toThrow(message)
  })

  test('whatever the text, it is read or refused with a RangeError; nothing else happens', () => {
    const pieces = fc.constantFrom(
      'peerlab:',
      'gossip',
      'hello',
      '?',
      '&',
      '=',
      '%',
      '%7B',
      '~',
      '@',
      '+',
      'seed',
      'seed=1',
      'size=',
      'do=',
      'crash',
      '{}',
      '{"node":1}',
      'at=',
      '1',
      '.',
      '-',
      '__proto__',
      'é',
      '\u{1F600}',
      '\ud800',
      '\0',
      ' ',
    )
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((list) => `peerlab:gossip?seed=1&${list.join('')}`),
      fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
      fc.tuple(runSpec, fc.nat(400)).map(([spec, end]) => toLink(spec).slice(0, end)),
      fc.tuple(runSpec, fc.nat(400), pieces).map(([spec, at, piece]) => {
        const link = toLink(spec)
        return link.slice(0, at) + piece + link.slice(at + 1)
      }),
    )
    fc.assert(
      fc.property(text, (link) => {
        try {
          const spec = fromLink(link)
          expect(scenarios.map(({ id }) => id)).toContain(spec.scenario)
          expect(Number.isSafeInteger(spec.seed)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      cases(2000),
    )
  })
})
