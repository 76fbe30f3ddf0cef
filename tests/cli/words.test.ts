import { describe, expect, it } from 'vitest'
import { columns, excerpt, formatCount, formatMillis, formatShare } from '../../cli/format.ts'
import { Output, type Stream } from '../../cli/output.ts'
import { chartLines } from '../../cli/run/chart.ts'
import { closest } from '../../cli/suggest.ts'

function output({ isTTY = true, plain = false, columns = 80 } = {}): Output {
  return new Output({ isTTY, columns, write: () => true } as unknown as Stream, plain)
}

describe('suggestions', () => {
  const candidates = ['start', 'run', 'scenarios', 'gossip', 'fanout', 'k']

  it.each([
    ['rnu', 'run'],
    ['gosip', 'gossip'],
    ['Fanout', 'fanout'],
    ['scen', 'scenarios'],
    ['fan-out', 'fanout'],
  ])('%s is near to %s', (word, wanted) => expect(closest(word, candidates)).toBe(wanted))

  it.each(['', 'x', 'bittorrent', 'no'])('"%s" is near to nothing', (word) => {
    expect(closest(word, candidates)).toBeUndefined()
  })
})

describe('numbers', () => {
  it('never rounds a share up to all or down to nothing', () => {
    expect([1, 0.99999, 0.5, 0.0001, 0].map(formatShare)).toEqual(['100 %', '99.9 %', '50 %', 'under 0.1 %', '0 %'])
  })

  it('has units in the singular and in the plural', () => {
    const counts = [formatCount(1, 'hops'), formatCount(2, 'hops'), formatCount(0.5, 'share')]
    expect(counts).toEqual(['1 hop', '2 hops', '50 %'])
    expect([formatMillis(643.21), formatMillis(12_345)]).toEqual(['643.2 ms', '12.35 s'])
  })

  it('lines cells up and keeps what matters of a long line', () => {
    expect(
      columns([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['  a    bb', '  ccc  d'])
    expect(excerpt('0123456789', 8, 4)).toBe('…6789')
    expect(excerpt('short', 3, 10)).toBe('short')
  })
})

describe('output', () => {
  it('is coloured on a terminal only, and not with NO_COLOR or --plain', () => {
    const before = process.env['NO_COLOR']
    delete process.env['NO_COLOR']
    expect(output().bold('x')).toBe('\x1b[1mx\x1b[22m')
    expect(output({ isTTY: false }).bold('x')).toBe('x')
    expect(output({ plain: true }).bold('x')).toBe('x')
    process.env['NO_COLOR'] = '1'
    expect(output().bold('x')).toBe('x')
    if (before === undefined) delete process.env['NO_COLOR']
    else process.env['NO_COLOR'] = before
  })
})

describe('the chart', () => {
  const measured = {
    label: 'informed',
    points: [
      [0, 0],
      [50, 0.5],
      [100, 1],
    ],
  } as const
  const formula = {
    label: 'theory',
    points: [
      [0, 0],
      [100, 0.5],
    ],
  } as const
  const draw = (plain: boolean, columns = 80): string[] => {
    const out = output({ isTTY: false, plain, columns })
    return chartLines({ plain, out, err: out }, { measured, formula })
  }

  it.each([60, 80, 200])('fits into %d columns', (columns) => {
    for (const line of draw(false, columns)) expect(line.length).toBeLessThanOrEqual(columns)
  })

  it('draws the measured curve and dots the formula', () => {
    const text = draw(false).join('\n')
    expect(text).toMatch(/[╭╯─]/)
    expect(text).toContain('·')
    expect(text).toContain('100 %')
  })

  const lastOf = (points: readonly (readonly [number, number])[]): string | undefined => {
    const out = output({ isTTY: false, plain: true, columns: 80 })
    return chartLines({ plain: true, out, err: out }, { measured: { label: 'up', points }, formula: null }).at(-1)
  }

  it.each([
    [
      'a curve that falls late',
      [
        [0, 1],
        [90, 1],
        [100, 0.25],
      ],
      'At 100 ms: up 25 %.',
    ],
    [
      'all of a curve without change',
      [
        [0, 1],
        [100, 1],
      ],
      'At 100 ms: up 100 %.',
    ],
    [
      'what is more than a whole as a number',
      [
        [0, 0],
        [100, 53.6],
      ],
      'At 100 ms: up 53.6.',
    ],
    [
      'a rise, and not how long it stays level',
      [
        [0, 0],
        [100, 1],
        [10_000, 1],
      ],
      'At 150 ms: up 100 %.',
    ],
  ] as const)('shows %s', (_what, points, words) => {
    expect(lastOf(points)).toBe(words)
  })

  it('says the same in words with --plain', () => {
    expect(draw(true).at(-1)).toBe('At 100 ms: informed 100 %; formula (theory) 50 %.')
  })
})
