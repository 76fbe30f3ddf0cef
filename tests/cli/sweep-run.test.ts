/** The real `peerlab sweep`: stopped, killed, taken up again, spread over shards. */
import { engineVersion, Run } from '@peerlab/engine'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { progressText } from '../../cli/batch/progress.ts'
import { ResultFile } from '../../cli/sweep/result-file.ts'
import { ending, peerlab, start, type Ended } from './support/peerlab.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-sweep-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** 300 runs, of which some never reach everybody. */
const sweep = ['sweep', 'gossip', '--set', 'fanout=1..6', '--set', 'size=100', '--seeds', '1..50']
const runsOfSweep = 300

const pathOf = (name: string): string => join(folder, `${name}.jsonl`)
const linesOf = (name: string): readonly string[] => readFileSync(pathOf(name), 'utf8').split('\n').slice(0, -1)
const sorted = (name: string): readonly string[] => linesOf(name).toSorted()

function into(name: string, ...more: readonly string[]): Promise<Ended> {
  return peerlab([...sweep, '--out', pathOf(name), ...more])
}

interface Interrupted {
  /** Of the file. */
  readonly name: string
  readonly ended: Ended
}

/** A sweep that got a signal when it had written some lines. Where it was over before it heard of it: once more. */
async function interrupted(by: NodeJS.Signals): Promise<Interrupted> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const name = `${by}-${attempt}`
    const child = start([...sweep, '--out', pathOf(name), '--jobs', '2'])
    const end = ending(child)
    while (child.exitCode === null && (!existsSync(pathOf(name)) || linesOf(name).length < 5)) {
      await setTimeout(5) // until the file says so
    }
    child.kill(by)
    const ended = await end
    if (linesOf(name).length < runsOfSweep) return { name, ended }
  }
  throw new Error('the sweep was always over before it was stopped: give it more runs')
}

let whole: readonly string[]

beforeAll(async () => {
  const { code, stdout, stderr } = await into('whole', '--jobs', '3')
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `300 runs are in ${pathOf('whole')}.\nSee what came out with: npx peerlab sweep merge ${pathOf('whole')}\n`,
  })
  expect(stderr).toContain('Gossip: 300 runs of 6 points with 50 seeds (1..50).\n  fanout: 1, 2, 3, 4, 5, 6\n')
  whole = sorted('whole')
}, 120_000)

describe.concurrent('peerlab sweep', () => {
  it('writes for each run what the engine says of it, and which version of the engine it was', () => {
    const expected = [1, 2, 3, 4, 5, 6].flatMap((fanout) =>
      Array.from({ length: 50 }, (_, i) => {
        const run = new Run({ scenario: 'gossip', seed: i + 1, parameters: { fanout, size: 100 } })
        run.finish()
        const { fingerprint, lastEventTime, events, packets } = run.session.simulation
        return JSON.stringify({
          scenario: 'gossip',
          seed: i + 1,
          parameters: run.parameters,
          version: engineVersion,
          fingerprint,
          time: lastEventTime,
          events,
          messages: packets.sent,
          measures: run.world.measures(),
        })
      }),
    )
    expect(whole).toEqual(expected.toSorted())
  })

  it('has the same lines with another number of jobs', async () => {
    expect(await into('one-job', '--jobs', '1')).toMatchObject({ code: 0 })
    expect(sorted('one-job')).toEqual(whole)
  })

  it('makes nothing twice', async () => {
    copyFileSync(pathOf('whole'), pathOf('twice'))
    const before = readFileSync(pathOf('twice'), 'utf8')
    const { code, stdout } = await into('twice')
    expect(code).toBe(0)
    expect(stdout).toContain(`300 runs are in ${pathOf('twice')}, 0 of them new.`)
    expect(readFileSync(pathOf('twice'), 'utf8')).toBe(before)
  })

  it('has lost nothing when it was killed in the middle of a line, and goes on', async () => {
    const { name } = await interrupted('SIGKILL')
    const kept = linesOf(name)
    expect(kept.length).toBeGreaterThanOrEqual(5)
    // What a process had written of a line when it was ended.
    truncateSync(pathOf(name), Buffer.byteLength(kept.map((line) => `${line}\n`).join('')))
    appendFileSync(pathOf(name), whole[0]!.slice(0, 70))
    const { code, stderr } = await into(name)
    expect(code).toBe(0)
    expect(stderr).toContain('had this file and is gone; its lock is taken over.')
    expect(stderr).toContain('was never finished: it is cut away, and its run is made again.')
    expect(stderr).toContain(`${kept.length} runs of this sweep are there already.`)
    expect(linesOf(name).slice(0, kept.length)).toEqual(kept)
    expect(sorted(name)).toEqual(whole)
  })

  it.skipIf(process.platform === 'win32').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with whole lines, and says how to go on', async (signal, exitCode) => {
    const { name, ended } = await interrupted(signal)
    const { length } = linesOf(name)
    expect(ended.code).toBe(exitCode)
    expect(ended.stderr).toContain(`Stopped. ${length} of 300 runs are in ${pathOf(name)}\n`)
    expect(ended.stderr).toContain('Start the same command again to go on: nothing is made twice.\n')
    expect(existsSync(`${pathOf(name)}.lock`)).toBe(false)
    await into(name)
    expect(sorted(name)).toEqual(whole)
  })

  it('refuses a file that another sweep is writing to', async () => {
    const other = ResultFile.lock(pathOf('shared'), () => undefined)
    try {
      const { code, stdout, stderr } = await into('shared')
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toContain(`Error: Another sweep writes to ${other.path}: process ${process.pid} on `)
      expect(existsSync(pathOf('shared'))).toBe(false)
    } finally {
      other.close()
    }
  })

  it('is the union of its shards', async () => {
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { code, stderr } = await into(`shard-${shard[0]}`, '--shard', shard)
      expect(code).toBe(0)
      expect(stderr).toContain(`of which shard ${shard} has 100.`)
    }
    const shards = [1, 2, 3].flatMap((number) => linesOf(`shard-${number}`))
    expect(shards.toSorted()).toEqual(whole)
    const other = await into('shard-1', '--shard', '2/3')
    expect(other.code).toBe(2)
    expect(other.stderr).toContain('of another shard than 2/3')
  })

  it('may be given more seeds and values later', async () => {
    const small = ['sweep', 'gossip', '--set', 'size=100', '--out', pathOf('grown')]
    await peerlab([...small, '--set', 'fanout=2,3', '--seeds', '1..10'])
    expect(linesOf('grown')).toHaveLength(20)
    const { stdout } = await into('grown')
    expect(stdout).toContain('300 runs are in')
    expect(stdout).toContain('280 of them new')
    expect(sorted('grown')).toEqual(whole)
  })

  it('has a line for a run that does not end, exits with 1, and does not try it again', async () => {
    // A run of seed 1 has 71 events with fanout 1, and more with larger ones.
    const limited = ['sweep', 'gossip', '--set', 'fanout=1,6', '--seeds', '1..5', '--max-events', '100']
    const first = await peerlab([...limited, '--out', pathOf('endless')])
    const failed = linesOf('endless').filter((line) => 'error' in JSON.parse(line))
    expect(failed).toHaveLength(5)
    expect(JSON.parse(failed[0]!)).toMatchObject({
      scenario: 'gossip',
      parameters: { fanout: 6, size: 60 },
      version: engineVersion,
      error: 'it is not over after 100 events',
    })
    expect(first.code).toBe(1)
    expect(first.stderr).toContain('5 runs failed. They have a line that says so, and are not tried again:\n')
    expect(first.stderr).toMatch(/npx peerlab run "peerlab:gossip\?seed=\d&fanout=6"\n/)
    const before = readFileSync(pathOf('endless'), 'utf8')
    const again = await peerlab([...limited, '--out', pathOf('endless')])
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('5 runs failed.')
    expect(readFileSync(pathOf('endless'), 'utf8')).toBe(before)
  })

  it('touches nothing with --dry-run', async () => {
    const { code, stdout, stderr } = await into('dry', '--dry-run', '--shard', '2/7')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('300 runs of 6 points')
    expect(existsSync(pathOf('dry'))).toBe(false)
  })

  it.each([
    [['gosip', '--seeds', '1'], 'Did you mean "gossip"?'],
    [['gossip', '--seed', '1'], '--seed'],
    [['gossip', '--seeds', '1', '--set', 'fanout=0..3'], 'fanout cannot be "0"'],
  ])('refuses %j before it touches the file', async (args, why) => {
    const { code, stdout, stderr } = await peerlab(['sweep', ...args, '--out', pathOf('misuse')])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .+\n.+\n$/)
    expect(stderr).toContain(why)
    expect(readdirSync(folder).filter((name) => name.startsWith('misuse'))).toEqual([])
  })
})

describe('the progress of a sweep', () => {
  it.each([
    [{ parts: 300, done: 120, before: 0, failed: 0 }, 2, '120 of 300 runs (40 %), 60 a second, 3 s left'],
    [{ parts: 300, done: 299, before: 199, failed: 2 }, 10, '299 of 300 runs (99 %), 10 a second, 1 s left, 2 failed'],
    [{ parts: 1000, done: 3, before: 2, failed: 0 }, 60, '3 of 1,000 runs (0 %), 1 a minute, 16 h 37 min left'],
    [{ parts: 10, done: 4, before: 4, failed: 0 }, 60, '4 of 10 runs (40 %)'],
  ])('counts what is left by the runs of this time: %j', (state, seconds, text) => {
    expect(progressText(state, 'runs', seconds)).toBe(text)
  })
})
