/** The file of a sweep: what it accepts, what it leaves alone, and that it holds whole lines only. */
import { engineVersion } from '@peerlab/engine'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Lock } from '../../cli/batch/lock.ts'
import { Plan } from '../../cli/sweep/plan.ts'
import { failedLine, finishedLine } from '../../cli/sweep/record.ts'
import { ResultFile, type Found, type WriteAt } from '../../cli/sweep/result-file.ts'
import { wholeSweep } from '../../cli/batch/shard.ts'
import { cases, fc } from '../support/fast-check.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab räume '))
  path = join(folder, 'sweep.jsonl')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const plan = new Plan({
  scenario: 'gossip',
  axes: [{ name: 'fanout', values: [1, 2, 3] }],
  seeds: [{ first: 1, last: 5 }],
  maxEvents: 1e6,
})

function lineOf(run: number): string {
  const { scenario, seed, parameters } = plan.run(run)
  const name = { scenario, seed, parameters: { ...plan.defaults, ...parameters } }
  const result = { fingerprint: `f${run}`, time: run, events: run, messages: run, measures: { coverage: 1 } }
  return run % 4 === 3 ? failedLine(name, 'broke') : finishedLine({ ...name, ...result } as never)
}

const lines = Array.from({ length: plan.runs }, (_, run) => lineOf(run))

/** Takes the file up as a sweep does, and gives it back. */
async function takeUp(write?: (file: ResultFile, found: Found) => void, writeAt?: WriteAt): Promise<Found> {
  const file = ResultFile.lock(path, () => undefined, writeAt)
  try {
    const found = await file.find(plan, wholeSweep)
    file.open(found)
    write?.(file, found)
    return found
  } finally {
    file.close()
  }
}

describe('the file of a sweep', () => {
  it('takes lines, which are there when it is taken up again, and leaves nothing beside it', async () => {
    expect(await takeUp((file) => lines.slice(0, 5).forEach((line) => file.append(line)))).toMatchObject({ runs: 0 })
    const found = await takeUp((file) => file.append(lines[14]!))
    expect(found).toMatchObject({ runs: 5, torn: 0, failed: { count: 1 } })
    expect([...found.failed.groups.values()]).toMatchObject([{ message: 'broke', run: { seed: 4 }, count: 1 }])
    expect(readFileSync(path, 'utf8')).toBe([...lines.slice(0, 5), lines[14], ''].join('\n'))
    expect(readdirSync(folder)).toEqual(['sweep.jsonl'])
  })

  it('counts a line once that is there twice', async () => {
    writeFileSync(path, [lines[0], lines[3], lines[0], lines[3], ''].join('\n'))
    const found = await takeUp()
    expect(found.runs).toBe(2)
    expect(found.failed.count).toBe(1)
  })

  it('may be cut off at any byte: whole lines stay, and what follows them is written anew', async () => {
    const whole = Buffer.from(`${lines.slice(0, 6).join('\n')}\n`)
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(3), async (length, zeros) => {
        writeFileSync(path, Buffer.concat([whole.subarray(0, length), Buffer.alloc(zeros)]))
        const kept = whole.subarray(0, length).lastIndexOf(10) + 1
        const found = await takeUp()
        expect(found).toMatchObject({ end: kept, torn: length + zeros - kept })
        expect(found.runs).toBe(whole.subarray(0, kept).toString().split('\n').length - 1)
        expect(readFileSync(path)).toEqual(whole.subarray(0, kept))
      }),
      cases(60),
    )
  })

  it.each([
    ['a text', 'hello\nworld\n', 'is no file of a sweep (line 1)'],
    ['a text without a line break', 'hello', 'is no file of a sweep'],
    ['JSON of another kind', '{"scenario":"gossip"}\n', 'is no file of a sweep (line 1)'],
    ['an empty line', `${lines[0]}\n\n${lines[1]}\n`, 'is no file of a sweep (line 2)'],
    ['a file without line breaks', 'x'.repeat(3 << 20), 'is no file of a sweep'],
    ['another scenario', `${lines[0]!.replace('"gossip"', '"hello"')}\n`, 'is of the scenario hello'],
    ['other values', `${lines[0]}\n${lines[1]!.replace('"fanout":1', '"fanout":4')}\n`, 'line 2 has fanout=4'],
    ['another fixed parameter', `${lines[0]!.replace('"loss":0', '"loss":0.5')}\n`, 'line 1 has loss=0.5'],
    ['other seeds', `${lines[0]!.replace('"seed":1', '"seed":6')}\n`, 'line 1 has the seed 6'],
    ['another version', `${lines[0]!.replace(engineVersion, '0.0.1')}\n`, 'version 0.0.1 of the engine (line 1)'],
    ['no numbers as measures', `${lines[0]!.replace('"coverage":1', '"coverage":"1"')}\n`, 'is no file of a sweep'],
  ])('is refused and stays as it is if it has %s', async (_, content, why) => {
    writeFileSync(path, content)
    await expect(takeUp()).rejects.toThrow(why)
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(readdirSync(folder)).toEqual(['sweep.jsonl'])
  })

  it('is as it was where the sweep is stopped while it reads', async () => {
    writeFileSync(path, `${lines.join('\n')}\n{"scen`)
    const file = ResultFile.lock(path, () => undefined)
    const stop = AbortSignal.abort()
    await expect(file.find(plan, wholeSweep, stop)).rejects.toBe(stop.reason)
    file.close()
    expect(readFileSync(path, 'utf8')).toBe(`${lines.join('\n')}\n{"scen`)
  })

  it('is refused where it holds the runs of another shard', async () => {
    writeFileSync(path, `${lines.join('\n')}\n`)
    const file = ResultFile.lock(path, () => undefined)
    await expect(file.find(plan, { number: 2, count: 3 })).rejects.toThrow('of another shard than 2/3')
    file.close()
  })

  it('ends with a whole line where the disk is full in the middle of one', async () => {
    let room = 700
    const smallDisk: WriteAt = (file, bytes, offset, length, place) => {
      if (room === 0) throw new Error('ENOSPC: no space left on device, write')
      const written = writeSync(file, bytes, offset, Math.min(length, room), place)
      room -= written
      return written
    }
    const fill = (file: ResultFile): void => lines.forEach((line) => file.append(line))
    await expect(takeUp(fill, smallDisk)).rejects.toThrow(`${path} could not be written: the disk is full.`)
    expect(readFileSync(path, 'utf8')).toBe(`${lines[0]}\n`)
    expect(readdirSync(folder)).toEqual(['sweep.jsonl'])
  })

  it.each([
    ['a folder that is not there', () => join(folder, 'none', 'a.jsonl'), 'names a folder that is not there'],
    ['a folder', () => folder, 'names a folder'],
  ])('cannot be %s', (_, name, why) => {
    expect(() => ResultFile.lock(name(), () => undefined)).toThrow(why)
  })

  it.skipIf(process.platform === 'win32')('cannot be a device', () => {
    expect(() => ResultFile.lock('/dev/full', () => undefined)).toThrow('names a device or a pipe')
  })
})

describe('the lock of a file', () => {
  const nobody = () => undefined
  const lockPath = () => `${path}.lock`
  const leave = (holder: object | string): void =>
    writeFileSync(lockPath(), typeof holder === 'string' ? holder : JSON.stringify(holder))

  /** What this process writes into a lock. */
  const ourselves = (): object => {
    const lock = Lock.take(path, { work: 'sweep', onLost: nobody })
    const holder = JSON.parse(readFileSync(lockPath(), 'utf8')) as object
    lock.release()
    return holder
  }

  it('is held by one sweep, under whichever name, and goes with it', () => {
    writeFileSync(path, '')
    symlinkSync(path, join(folder, 'link.jsonl'))
    const first = ResultFile.lock(path, nobody)
    expect(() => ResultFile.lock(path, nobody)).toThrow(`Another sweep writes to ${path}: process ${process.pid}`)
    expect(() => ResultFile.lock(join(folder, 'link.jsonl'), nobody)).toThrow('Another sweep writes to')
    first.close()
    ResultFile.lock(path, nobody).close()
    expect(existsSync(lockPath())).toBe(false)
  })

  it('is taken over, with a remark, from a process that is dead', () => {
    // No system has this number: it is beyond the largest.
    leave({ ...ourselves(), pid: 2 ** 30 })
    const lock = Lock.take(path, { work: 'sweep', onLost: nobody })
    expect(lock.remark).toBe(`Process ${2 ** 30} on ${hostname()} had this file and is gone; its lock is taken over.`)
    lock.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('is taken over from a dead process whose number lives on', () => {
    leave({ ...ourselves(), began: '17' })
    const lock = Lock.take(path, { work: 'sweep', onLost: nobody })
    expect(lock.remark).toContain('is gone')
    lock.release()
  })

  it.each([
    ['of another machine', { pid: 1, host: 'somewhere else' }, 'process 1 on somewhere else'],
    ['of another container', { pid: 2 ** 30, host: hostname(), scope: 'another' }, `process ${2 ** 30} on`],
    ['that broke off while it was written', '{"pid":', 'another process'],
  ])('%s is respected while it is fresh, and taken over after two silent minutes', (_, holder, who) => {
    leave(holder)
    expect(() => Lock.take(path, { work: 'sweep', onLost: nobody })).toThrow(`writes to ${path}: ${who}`)
    const longAgo = new Date(Date.now() - 3 * 60_000)
    utimesSync(lockPath(), longAgo, longAgo)
    const lock = Lock.take(path, { work: 'sweep', onLost: nobody })
    expect(lock.remark).toContain('is gone')
    lock.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is touched while it is held, and says when another process has taken it', () => {
    vi.useFakeTimers()
    try {
      let isLost = false
      const lock = Lock.take(path, { work: 'sweep', onLost: () => (isLost = true) })
      utimesSync(lockPath(), 1000, 1000)
      vi.advanceTimersByTime(60_000)
      expect(statSync(lockPath()).mtimeMs).toBeGreaterThan(1e9)
      expect(isLost).toBe(false)
      leave({ pid: 1, host: 'somewhere else' })
      vi.advanceTimersByTime(60_000)
      expect(isLost).toBe(true)
      lock.release()
    } finally {
      vi.useRealTimers()
    }
  })

  it('that another process has taken is not removed by who had it before', () => {
    const lock = Lock.take(path, { work: 'sweep', onLost: nobody })
    leave({ pid: 1, host: 'somewhere else' })
    lock.release()
    expect(existsSync(lockPath())).toBe(true)
  })

  it('is not there where the file was refused', async () => {
    writeFileSync(path, 'hello\n')
    await expect(takeUp()).rejects.toThrow('is no file of a sweep')
    expect(existsSync(lockPath())).toBe(false)
  })
})
