/** `peerlab sweep merge`: what it reads, refuses, says is missing, and shows. */
import { findScenario, Run } from '@peerlab/engine'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../cli/context.ts'
import { resultOf } from '../../cli/run/outcome.ts'
import { Collection } from '../../cli/sweep/collection.ts'
import { toCsv } from '../../cli/sweep/csv.ts'
import { failedLine, finishedLine } from '../../cli/sweep/record.ts'
import { shardOf } from '../../cli/batch/shard.ts'
import { gapsIn, groupBy, skippedSeeds, variedIn } from '../../cli/sweep/statistics.ts'
import { escape, ticks } from '../../cli/sweep/svg.ts'
import { tableLines } from '../../cli/sweep/table.ts'
import { cases, fc } from '../support/fast-check.ts'
import { peerlab } from './support/peerlab.ts'

const gossip = findScenario('gossip')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-merge-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Real runs: fanout 1 to 3, seeds 1 to 8, in the order of their numbers. Fanout 1 never reaches all. */
const lines = [1, 2, 3].flatMap((fanout) =>
  [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
    const run = new Run({ scenario: 'gossip', seed, parameters: { fanout, size: 30 } })
    run.finish()
    return finishedLine(resultOf(run))
  }),
)

let files = 0
function fileOf(content: readonly string[] | string): string {
  const path = join(folder, `${files++}.jsonl`)
  writeFileSync(path, typeof content === 'string' ? content : content.map((line) => `${line}\n`).join(''))
  return path
}

async function collect(...paths: readonly string[]): Promise<Collection> {
  const collection = new Collection()
  for (const path of paths) await collection.read(path)
  return collection
}

const groupsOf = (collection: Collection) => groupBy(collection, [...variedIn(collection).keys()])
const changed = (line: string, from: string, to: string): string => {
  expect(line).toContain(from)
  return line.replace(from, to)
}

describe('merged files', () => {
  it('have the same means whatever the order of lines and files, to the last bit', async () => {
    const expected = JSON.stringify(groupsOf(await collect(fileOf(lines))))
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(lines, { minLength: lines.length }), fc.nat(23), async (shuffled, cut) => {
        const collection = await collect(fileOf(shuffled.slice(cut)), fileOf(shuffled.slice(0, cut)))
        expect(JSON.stringify(groupsOf(collection))).toBe(expected)
      }),
      cases(20),
    )
  })

  it('have a group for each value, in order, with the means of its runs', async () => {
    const groups = groupsOf(await collect(fileOf(lines.toReversed())))
    expect(groups.map(({ values }) => values)).toEqual([{ fanout: 1 }, { fanout: 2 }, { fanout: 3 }])
    const messages = lines.slice(8, 16).map((line) => (JSON.parse(line) as { messages: number }).messages)
    expect(groups[1]).toMatchObject({ runs: 8, failed: 0 })
    expect(groups[1]!.measures['messages']!.mean).toBe(messages.reduce((a, b) => a + b) / 8)
  })

  it('count what was not reached and never average it', async () => {
    const [first] = groupsOf(await collect(fileOf(lines)))
    expect(first!.measures['time100']).toMatchObject({ n: 0, notReached: 8, mean: null })
    expect(first!.measures['coverage']).toMatchObject({ n: 8, notReached: 0 })
  })

  it('count a run once however often it is there, and failed runs on their own', async () => {
    const { scenario, seed, parameters } = JSON.parse(lines[0]!)
    const failed = failedLine({ scenario, seed: 9, parameters }, 'broke')
    const collection = await collect(fileOf([...lines, lines[3]!, failed]), fileOf([lines[3]!, failed]))
    expect(collection.duplicates).toBe(3)
    expect(seed).toBe(1)
    expect(groupsOf(collection).map(({ runs, failed: broken }) => [runs, broken])).toEqual([
      [9, 1],
      [8, 0],
      [8, 0],
    ])
  })

  it('take the keys of a line in any order', async () => {
    const { measures, parameters, ...rest } = JSON.parse(lines[0]!)
    const turned = (object: object) => Object.fromEntries(Object.entries(object).reverse())
    const again = JSON.stringify({ parameters: turned(parameters), ...turned(rest), measures: turned(measures) })
    expect((await collect(fileOf([lines[0]!]), fileOf([again]))).duplicates).toBe(1)
  })

  it.each([
    ['another fingerprint', '"fingerprint":"', '"fingerprint":"0'],
    ['another measure', '"residue":', '"residue":1,"was":'],
  ])('are refused where one run has %s in one of them; both places and the run are named', async (_, from, to) => {
    const first = fileOf(lines)
    const second = fileOf([...lines.slice(0, 3), changed(lines[9]!, from, to)])
    await expect(collect(first, second)).rejects.toThrow(
      `${first} (line 10) and ${second} (line 4) say different things of one run: peerlab:gossip?seed=2&size=30&fanout=2.`,
    )
  })

  it.each([
    ['of two scenarios', (line: string) => changed(line, '"gossip"', '"hello"'), 'has runs of hello, and'],
    ['of two engines', (line: string) => changed(line, '"version":"', '"version":"9.'), 'of the engine, and'],
    ['of which one is none', () => 'hello', 'is no file of a sweep (line 1)'],
  ])('%s are refused', async (_, change, why) => {
    await expect(collect(fileOf(lines), fileOf([change(lines[0]!)]))).rejects.toThrow(why)
  })

  it('of an unknown scenario are refused', async () => {
    await expect(collect(fileOf([changed(lines[0]!, '"gossip"', '"gone"')]))).rejects.toThrow('scenario gone')
  })

  it('may end in the middle of a line, which does not count', async () => {
    const path = fileOf(`${lines[0]}\n${lines[1]!.slice(0, 40)}`)
    const collection = await collect(path)
    expect(collection.torn).toEqual([path])
    expect(groupsOf(collection)[0]!.runs).toBe(1)
  })
})

describe('what is missing', () => {
  it('is nothing where all points have the same seeds', async () => {
    const collection = await collect(fileOf(lines))
    expect(gapsIn(collection)).toEqual([])
    expect(skippedSeeds(collection)).toEqual({ count: 0, seeds: [] })
  })

  it('are the seeds that other points have', async () => {
    const gaps = gapsIn(await collect(fileOf(lines.filter((_, i) => ![9, 10, 23].includes(i)).reverse())))
    expect(gaps.map(({ point, count, seeds }) => [point.parameters['fanout'], count, seeds])).toEqual([
      [2, 2, [2, 3]],
      [3, 1, [8]],
    ])
  })

  it('is seen whichever shard is not there', async () => {
    for (const count of [2, 3, 4, 5]) {
      for (let missing = 1; missing <= count; missing++) {
        const collection = await collect(fileOf(lines.filter((_, run) => shardOf(run, count) !== missing)))
        const found = gapsIn(collection).length + skippedSeeds(collection).count
        expect(found, `shard ${missing}/${count}`).toBeGreaterThan(0)
      }
    }
  })

  it('is seen with one point as well, but a list of a few seeds is no gap', async () => {
    const seeds = (kept: (seed: number) => boolean) => collect(fileOf(lines.slice(0, 8).filter((_, i) => kept(i + 1))))
    expect(skippedSeeds(await seeds((seed) => seed !== 4))).toEqual({ count: 1, seeds: [4] })
    expect(skippedSeeds(await seeds((seed) => [1, 4, 8].includes(seed)))).toEqual({ count: 0, seeds: [] })
  })
})

/** Reads CSV as RFC 4180 has it. */
function readCsv(text: string): string[][] {
  expect(text.endsWith('\r\n')).toBe(true)
  const cells = text.slice(0, -2).matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)
  const rows: string[][] = []
  for (const { 0: all, 1: quoted, 2: plain } of cells) {
    if (rows.length === 0 || all.startsWith('\r\n')) rows.push([])
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!)
  }
  return rows
}

describe('the CSV', () => {
  it('has a row for each group and measure, with every number in full', async () => {
    const groups = groupsOf(await collect(fileOf(lines)))
    const [header, ...rows] = readCsv(toCsv(gossip, ['fanout'], groups))
    expect(rows).toHaveLength(3 * gossip.measures.length)
    const cell = (row: readonly string[], name: string) => row[header!.indexOf(name)]
    const row = rows.find((each) => cell(each, 'fanout') === '3' && cell(each, 'measure') === 'messages')!
    const { mean, halfWidth } = groups[2]!.measures['messages']!
    expect(Number(cell(row, 'mean'))).toBe(mean)
    expect(Number(cell(row, 'low_95'))).toBe(mean! - halfWidth!)
    const none = rows.find((each) => cell(each, 'fanout') === '1' && cell(each, 'measure') === 'time100')!
    expect([cell(none, 'n'), cell(none, 'not_reached'), cell(none, 'mean'), cell(none, 'max')]).toEqual([
      '0',
      '8',
      '',
      '',
    ])
  })

  it('quotes what must be, and no text in it is a formula of a spreadsheet', async () => {
    const evil = ['=1+1', '+1', '-1', '@A1', '\t=1', 'a,"b"', 'two\nlines']
    const made = evil.map((text) => changed(lines[0]!, '"random-regular"', JSON.stringify(text)))
    const groups = groupsOf(await collect(fileOf(made)))
    const rows = readCsv(toCsv(gossip, ['topology'], groups)).slice(1)
    const names = new Set(rows.map(([name]) => name!))
    expect(names).toEqual(new Set(["'=1+1", "'+1", "'-1", "'@A1", "'\t=1", 'a,"b"', 'two\nlines']))
  })
})

describe('the table', () => {
  const measures = gossip.measures
  const context = (...args: readonly string[]) => createContext(args)

  it('is no wider than 80 columns, with all measures, and has a count of what was not reached', async () => {
    const groups = groupsOf(await collect(fileOf(lines)))
    const rows = tableLines(context(), { by: ['fanout'], isOrdered: false, measures }, groups)
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(80)
    for (const { name } of measures) expect(rows.some((row) => row.includes(name))).toBe(true)
    expect(rows.join('\n')).toMatch(/time100.*\n.*none/)
  })

  it('is sentences with --plain', async () => {
    const groups = groupsOf(await collect(fileOf(lines)))
    const rows = tableLines(context('--plain'), { by: ['fanout'], isOrdered: false, measures }, groups)
    expect(rows.join('\n')).not.toMatch(/[±─│┤·]/)
    expect(rows).toContain('With fanout 1: 8 runs.')
    expect(rows).toContain('  time100: no value; none in 8 runs.')
  })
})

describe('the plot', () => {
  it('has round numbers at its axis', () => {
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(ticks(0.3, 0.62, 4)).toEqual([0.3, 0.4, 0.5, 0.6])
    expect(ticks(-3, 12, 4)).toEqual([0, 5, 10])
    expect(ticks(7, 7, 4)).toEqual([7])
  })

  it('takes no markup and nothing that XML does not have from the files', () => {
    expect(escape('<a b="c">&\'\u0000\ud800')).toBe('&#60;a b=&#34;c&#34;&#62;&#38;&#39;\ufffd\ufffd')
  })
})

describe.concurrent('peerlab sweep merge', () => {
  it('prints a table within 80 columns and a plot, and writes CSV and SVG', async () => {
    const [csv, svg] = [join(folder, 'out.csv'), join(folder, 'out.svg')]
    const input = fileOf(lines)
    const { code, stdout, stderr } = await peerlab(['sweep', 'merge', input, '--out-csv', csv, '--plot', svg])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Gossip, 24 runs of 3 points, engine ')
    expect(stdout).toMatch(/^fanout +runs +%/m)
    expect(stdout).toContain('·· 95 % confidence interval')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(readCsv(readFileSync(csv, 'utf8'))[0]!.slice(0, 3)).toEqual(['fanout', 'measure', 'unit'])
    const drawing = readFileSync(svg, 'utf8')
    expect(drawing.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
    for (const part of ['fanout (nodes)', 'informed (%)', '<polyline', '95 % confidence interval', 'With size=30.']) {
      expect(drawing).toContain(part)
    }
    expect(isWellFormed(drawing)).toBe(true)
  })

  it('draws nothing with --plain', async () => {
    const { stdout } = await peerlab(['sweep', 'merge', fileOf(lines), '--plain'])
    expect(stdout).toContain('With fanout 2: 8 runs.')
    expect(stdout).not.toMatch(/[±─│┤·]/)
  })

  it('prints an object for programs', async () => {
    const { code, stdout } = await peerlab(['sweep', 'merge', fileOf(lines.slice(0, 15)), '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      scenario: 'gossip',
      runs: 15,
      failed: 0,
      missing: { runs: 1, seeds: 0, points: 0 },
      by: ['fanout'],
      groups: [{ values: { fanout: 1 }, runs: 8 }, { values: { fanout: 2 } }],
    })
  })

  it('says what is missing, what was cut off, and what is pooled', async () => {
    const input = fileOf(`${lines.slice(0, 14).join('\n')}\n{"scena`)
    const { code, stdout, stderr } = await peerlab(['sweep', 'merge', input, '--by', 'size', '--measure', 'hops'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/ 30 +14 /)
    expect(stderr).toContain('ends in the middle of a line')
    expect(stderr).toContain('All values of fanout are in one mean')
    expect(stderr).toContain('2 runs are missing compared with other points:\n  fanout=2: 2 seeds, 7, 8\n')
  })

  it.each([
    [[], 'Missing required argument'],
    [['nope.jsonl'], 'There is no file nope.jsonl'],
    [['FILE', '--by', 'fanuot'], 'Did you mean "fanout"?'],
    [['FILE', '--measure', 'covrage'], 'Did you mean "coverage"?'],
    [['FILE', '--measure', 'hops,hops'], 'names hops twice'],
    [['FILE', '--out-csv', 'FILE'], 'names a file that is to be read'],
    [['FILE', '--plot', 'none/plot.svg'], '--plot names a folder that is not there'],
    [['FILE', '--by', 'size', '--plot', 'plot.svg'], 'nothing to plot'],
    [['FILE', '--seeds', '1..3'], 'has no option --seeds'],
    [['EMPTY'], 'There is no run in'],
  ] as const)('refuses %j', async (args, why) => {
    const names: { readonly [name: string]: string } = { FILE: fileOf(lines), EMPTY: fileOf('') }
    const { code, stdout, stderr } = await peerlab(['sweep', 'merge', ...args.map((arg) => names[arg] ?? arg)])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .+\n.+\n$/)
    expect(stderr).toContain(why)
  })
})

/** Every element that is opened is closed, in order. */
function isWellFormed(markup: string): boolean {
  const open: string[] = []
  for (const [, closing, name, empty] of markup.matchAll(/<(\/?)(\w+)(?: [\w-]+="[^"<]*")*(\/?)>/g)) {
    if (closing === '/') {
      if (open.pop() !== name) return false
    } else if (empty === '') open.push(name!)
  }
  return open.length === 0 && !/<(?!\/?\w)/.test(markup)
}
