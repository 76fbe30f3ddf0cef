/** Grading that is interrupted, spread, repeated; with a judge that runs no code. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gradeClass } from '../../../cli/class/grade-class.ts'
import { mergeClasses } from '../../../cli/class/merge-classes.ts'
import { readGrading, type GradingRequest } from '../../../cli/class/read-grading.ts'
import { regradeClass } from '../../../cli/class/regrade-class.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { filesOf, lenientJudge, listening, writeFiles, type Lenient } from '../support/class.ts'

let folder: string
const at = (name: string): string => join(folder, name)
const names = ['ann', 'bob', 'cem', 'dan', 'eve', '=fay', 'g h']

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-class-test-'))
  for (const [i, name] of names.entries()) {
    const text = ['deliver', 'spread', 'once', 'ttl', 'fanout', 'repair'].slice(0, i).join(' ')
    writeFiles(at('submissions'), { [`${name}/03-gossip/gossip.ts`]: text, [`${name}/00-hello/hello.ts`]: 'answer' })
  }
})

afterEach(() => {
  process.exitCode = undefined // what is interrupted sets it
  rmSync(folder, { recursive: true, force: true })
})

interface Graded {
  readonly said: string
  readonly judge: Lenient
}

async function grade(out: string, more: Partial<GradingRequest> = {}, judge = lenientJudge()): Promise<Graded> {
  const { context, said } = listening()
  const request = { submissions: at('submissions'), out: at(out), labs: 'gossip,hello', jobs: '2', ...more }
  await gradeClass(context, readGrading(request), () => judge)
  return { said: said(), judge }
}

/** Presses Ctrl+C when so many are being judged. */
function interruptedAfter(count: number): Lenient {
  let left = count
  return lenientJudge(() => {
    if (left-- === 0) process.emit('SIGINT')
  })
}

describe('grading', () => {
  it('has the same result in the end, however often it was interrupted', async () => {
    await grade('whole')
    const whole = filesOf(at('whole'))
    expect(Object.keys(whole)).toHaveLength(2 + 2 * names.length)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 8 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (stops, jobs) => {
          rmSync(at('parts'), { recursive: true, force: true })
          let kept = 0
          for (const count of stops) {
            const { said } = await grade('parts', { jobs: String(jobs) }, interruptedAfter(count))
            if (kept > 0) expect(said).toContain(`${kept} of 14 parts were judged before`)
            kept = Number(/Stopped\. (\d+) of 14 parts are judged/.exec(said)?.[1] ?? 14)
            expect(existsSync(join(at('parts'), 'class.sqlite.lock'))).toBe(false)
          }
          await grade('parts', { jobs: String(jobs) })
          expect(filesOf(at('parts'))).toEqual(whole)
          expect((await grade('parts')).judge.judged).toEqual([])
        },
      ),
      cases(12),
    )
  })

  it('judges again what has changed, and nothing else: the files, or the key', async () => {
    await grade('out')
    writeFiles(at('submissions'), { 'bob/03-gossip/gossip.ts': 'deliver once', 'eve/notes.md': 'no code' })
    expect((await grade('out')).judge.judged).toEqual(['bob'])
    writeFileSync(at('key'), '0123456789abcdef0123456789abcdef')
    expect((await grade('out', { key: at('key') })).judge.judged).toHaveLength(2 * names.length)
    expect((await grade('out', { key: at('key') })).judge.judged).toEqual([])
  })

  it('forgets who is not there any more, with the reports', async () => {
    await grade('out')
    rmSync(join(at('submissions'), 'ann'), { recursive: true })
    await grade('out')
    expect(Object.keys(filesOf(at('out')))).not.toContain('reports/ann.md')
    expect(readFileSync(join(at('out'), 'gradebook.csv'), 'utf8')).not.toContain('\nann,')
  })

  it('goes on with all others when one breaks the judge, and tries that one again', async () => {
    const judge = lenientJudge((name) => {
      if (name === 'cem') throw new Error('the disk is on fire')
    })
    const { said } = await grade('out', {}, judge)
    expect(said).toContain(
      '2 parts could not be judged on this machine, and have no marks:\n  "cem, 00-hello: the disk is on fire"',
    )
    const row = /^cem,.*$/m.exec(readFileSync(join(at('out'), 'gradebook.csv'), 'utf8'))![0]
    expect(row).toMatch(/^cem,,,,,100,,/)
    expect(row).toContain('not judged yet')
    expect((await grade('out')).judge.judged).toEqual(['cem', 'cem'])
  })

  it('is not the state of another program that it writes to', async () => {
    writeFiles(at('out'), {
      'class.sqlite': 'something else entirely, and longer than a header of SQLite would have to be',
    })
    await expect(grade('out')).rejects.toThrow(/class\.sqlite cannot be used/)
  })

  it('has one page that asks for nothing: no script, no address, no form', async () => {
    writeFiles(at('submissions'), {
      'ann/03-gossip/gossip.ts': '<script src="https://example.org/x.js"></script><img src=x onerror=a()>',
    })
    await grade('out')
    const page = readFileSync(join(at('out'), 'index.html'), 'utf8')
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/<(?:script|link|img|iframe|form|object|embed|base)\b/i)
    expect(page).not.toMatch(/\s(?:src|on\w+|action)\s*=/i)
    expect(
      [...page.matchAll(/href="([^"]*)"/g)].every(([, to]) => /^(?:#\w+|reports\/[a-z0-9_-]+\.md)$/.test(to!)),
    ).toBe(true)
    expect(page).not.toMatch(/url\(|@import/)
  })
})

describe('shards', () => {
  const shard = (number: number): Promise<Graded> => grade(`shard-${number}`, { shard: `${number}/3` })
  const merge = (...folders: readonly string[]): string => {
    const { context, said } = listening()
    mergeClasses(context, { folders: folders.map(at), out: at('merged') })
    return said()
  }

  it('make up the whole, in any order, and even twice', async () => {
    await grade('whole')
    const judged = (await Promise.all([shard(1), shard(2), shard(3)])).flatMap(({ judge }) => judge.judged)
    expect(judged.toSorted()).toEqual(names.flatMap((name) => [name, name]).toSorted())
    merge('shard-3', 'shard-1', 'shard-2', 'shard-1')
    expect(filesOf(at('merged'))).toEqual(filesOf(at('whole')))
  })

  it('are refused where one is missing, and nothing is written', async () => {
    await shard(1)
    await shard(2)
    expect(() => merge('shard-1', 'shard-2')).toThrow(/submissions of 7 are not judged in any of these shards/)
    expect(existsSync(at('merged'))).toBe(false)
  })

  it('are refused where they were graded by something else', async () => {
    await shard(1)
    await grade('shard-2', { shard: '2/3', due: '2026-11-30' })
    expect(() => merge('shard-1', 'shard-2')).toThrow('different deadlines')
    writeFiles(at('submissions'), { 'new/gossip.ts': '' })
    await shard(3)
    expect(() => merge('shard-1', 'shard-3')).toThrow('different lists of submissions')
  })

  it('are refused in the folder of another one, where each would forget the other', async () => {
    await shard(1)
    await expect(grade('shard-1', { shard: '2/3' })).rejects.toThrow('has shard 1/3 of a class already')
    await expect(grade('shard-1')).rejects.toThrow('has shard 1/3 of a class already')
    expect((await shard(1)).judge.judged).toEqual([])
    await grade('whole')
    await expect(grade('whole', { shard: '1/3' })).rejects.toThrow('has a whole class already')
  })

  it('are refused where they contradict each other', async () => {
    await grade('a')
    writeFiles(at('submissions'), { 'ann/03-gossip/gossip.ts': 'ttl' })
    await grade('b')
    expect(() => merge('a', 'b')).toThrow(/a and .*b say different things of ann in 03-gossip/)
  })
})

describe('regrading', () => {
  const regrade = async (judge: Lenient, more: object = {}): Promise<string> => {
    const { context, said } = listening()
    await regradeClass(context, { folder: at('out'), task: 'cost', ...more }, () => judge)
    return said()
  }

  /** A judge who now lets everybody pass. */
  const generous = (): Lenient => {
    const judge = lenientJudge()
    const judgeAll: Lenient['judge'] = (request) => {
      const files = request.handIn.files.map((file) => ({ ...file, text: `${file.text} cost` }))
      return judge.judge({ ...request, handIn: { ...request.handIn, files } })
    }
    return { ...judge, judge: judgeAll }
  }

  it('changes one task, needs no submissions any more, and says and writes before and after', async () => {
    await grade('out')
    const before = filesOf(at('out'))
    rmSync(at('submissions'), { recursive: true })
    const said = await regrade(generous())
    expect(said).toContain('03-gossip/cost: 0 of 7 submissions passed before, 7 now.')
    expect(said).toContain('7 submissions differ.')
    const after = filesOf(at('out'))
    expect(after['regrade-03-gossip-cost.csv']!.split('\r\n')[1]).toBe("'=fay,failed,0,passed,10,10")
    const score = (files: typeof before): readonly number[] =>
      files['gradebook.csv']!.split('\r\n')
        .slice(1, -1)
        .map((row) => Number(row.split(',')[4]))
    expect(score(after)).toEqual(score(before).map((each) => each + 10))
  })

  it('changes nothing when it is interrupted', async () => {
    await grade('out')
    const before = filesOf(at('out'))
    expect(await regrade(interruptedAfter(3))).toContain('Stopped. Nothing was changed.')
    expect(filesOf(at('out'))).toEqual(before)
  })

  it('refuses another key, and a task that is not there', async () => {
    writeFileSync(at('key'), '0123456789abcdef0123456789abcdef')
    writeFileSync(at('other'), 'fedcba9876543210fedcba9876543210')
    await grade('out', { key: at('key') })
    await expect(regrade(generous())).rejects.toThrow('and none is given')
    await expect(regrade(generous(), { key: at('other') })).rejects.toThrow('was graded with the key')
    await expect(regrade(generous(), { key: at('key'), task: 'costs' })).rejects.toThrow('There is no task "costs"')
    expect(await regrade(generous(), { key: at('key') })).toContain('7 submissions differ.')
  })
})
