import { stripVTControlCharacters } from 'node:util'
import { engineVersion, findScenario, fromLink, Run } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { peerlab, type How } from './support/peerlab.ts'

interface Result {
  readonly [key: string]: unknown
  readonly fingerprint: string
  readonly measures: { readonly [name: string]: number | null }
}

async function run(args: readonly string[], how?: How): Promise<Result> {
  const { code, stdout, stderr } = await peerlab(['run', ...args, '--json'], how)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Result
}

const anyDrawing = /[\u2500-\u257f·✓]/

describe.concurrent('a link that says what its run was', () => {
  const link = 'peerlab:gossip?seed=7&size=20'
  const promising = (fingerprint: string, version: string): string =>
    `${link}&at=100&fingerprint=${fingerprint}&version=${version}`

  it('is replayed without a word where the run is that one, whichever version made it', async () => {
    const { fingerprint } = await run([link])
    expect((await run([promising(fingerprint, '0.0.1')])).fingerprint).toBe(fingerprint)
  })

  it('exits with 1 and says why where the run is another one', async () => {
    const old = await peerlab(['run', promising('0123', '0.0.1')])
    expect(old.code).toBe(1)
    expect(old.stdout).toContain('Gossip, seed 7')
    expect(old.stderr).toMatch(/^This is not the run .+ the fingerprint 0123\. That was with version 0\.0\.1 .+\.\n$/)
    const changed = await peerlab(['run', promising('0123', engineVersion)])
    expect(changed.code).toBe(1)
    expect(changed.stderr).toContain('The link or the engine was changed since then')
  })

  it('says nothing of a run that is cut off', async () => {
    expect(await peerlab(['run', promising('0123', '0.0.1'), '--until', '50'])).toMatchObject({ code: 0, stderr: '' })
  })
})

describe.concurrent('peerlab run --json', () => {
  it('has exactly the documented keys, every parameter and every measure', async () => {
    const result = await run(['gossip', '--seed', '7', '--set', 'fanout=1'])
    expect(Object.keys(result)).toEqual([
      'scenario',
      'seed',
      'parameters',
      'fingerprint',
      'time',
      'events',
      'messages',
      'measures',
      'wallSeconds',
      'rssBytes',
    ])
    const { parameters, measures } = findScenario('gossip')
    expect(Object.keys(result['parameters'] as object)).toEqual(Object.keys(parameters))
    expect(result['parameters']).toMatchObject({ fanout: 1, size: 60 })
    expect(Object.keys(result.measures)).toEqual(measures.map(({ name }) => name))
    expect(result.measures).toMatchObject({ time100: null })
  })

  it('says what the engine says', async () => {
    const { wallSeconds, rssBytes, ...result } = await run(['gossip', '--seed', '7'])
    const direct = new Run({ scenario: 'gossip', seed: 7 })
    direct.finish()
    const { simulation } = direct.session
    expect(result).toEqual({
      scenario: 'gossip',
      seed: 7,
      parameters: direct.parameters,
      fingerprint: simulation.fingerprint,
      time: simulation.lastEventTime,
      events: simulation.events,
      messages: simulation.packets.sent,
      measures: direct.world.measures(),
    })
    expect(wallSeconds).toBeGreaterThan(0)
    expect(rssBytes).toBeGreaterThan(1e7)
  })

  it('gives one fingerprint for one seed, from any folder, and another one for another seed', async () => {
    const first = await run(['gossip', '--seed', '7'])
    const again = await run(['gossip', '--seed', '7'], { cwd: process.cwd() })
    const other = await run(['gossip', '--seed', '8'])
    expect(again.fingerprint).toBe(first.fingerprint)
    expect(other.fingerprint).not.toBe(first.fingerprint)
  })

  it('runs a link as the run that it was made of', async () => {
    const direct = await run(['gossip', '--seed', '7', '--set', 'size=12', '--set', 'loss=0.25'])
    const replayed = await run(['peerlab:gossip?seed=7&size=12&loss=0.25'])
    const changed = await run(['peerlab:gossip?seed=7&size=12&loss=0.25&do=crash@60~{"node":3}'])
    expect(replayed.fingerprint).toBe(direct.fingerprint)
    expect(changed.fingerprint).not.toBe(direct.fingerprint)
  })

  it('stops at --until, which may be 0', async () => {
    expect((await run(['gossip', '--seed', '7', '--until', '100']))['time']).toBeLessThanOrEqual(100)
    expect((await run(['gossip', '--seed', '7', '--until', '0']))['time']).toBe(0)
  })

  it('has the same fingerprint with --check, and says that the check passed', async () => {
    const checked = await run(['gossip', '--seed', '7', '--check'])
    const plain = await run(['gossip', '--seed', '7'])
    expect(checked['check']).toEqual({ passed: true, difference: null })
    expect(checked.fingerprint).toBe(plain.fingerprint)
  })
})

describe.concurrent('peerlab run for people', () => {
  it('shows the measures with units, both curves, and a link that makes the same run again', async () => {
    const { code, stdout, stderr } = await peerlab(['run', 'gossip', '--seed', '7', '--set', 'fanout=2'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/time to 50 % +[\d.,]+ ms/)
    expect(stdout).toMatch(/informed +[\d.]+ %/)
    expect(stdout).toContain('·· formula: waves in a mixed crowd')
    const [, link] = /Replay it: npx peerlab run "(.+)"\n/.exec(stdout)!
    expect(fromLink(link!)).toMatchObject({ scenario: 'gossip', seed: 7, parameters: { fanout: 2 } })
  })

  it('has no colour in a pipe, not even by force', async () => {
    const { stdout } = await peerlab(['run', 'gossip', '--seed', '7'], { env: { FORCE_COLOR: '1' } })
    expect(stdout).toBe(stripVTControlCharacters(stdout))
  })

  it('draws nothing with --plain, before or after the command, and says the curves in words', async () => {
    const after = await peerlab(['run', 'gossip', '--seed', '7', '--check', '--plain'])
    const before = await peerlab(['--plain', 'run', 'gossip', '--seed', '7', '--check'])
    const withoutClock = (text: string): string => text.replace(/Took .+ s/, '')
    expect(withoutClock(before.stdout)).toBe(withoutClock(after.stdout))
    expect(after.stdout).not.toMatch(anyDrawing)
    expect(after.stdout).toMatch(/At [\d.,]+ ms: informed [\d.]+ %; formula/)
    expect(after.stdout).toContain('Check passed')
  })

  it('draws no chart when nothing was published', async () => {
    const { code, stdout } = await peerlab(['run', 'gossip', '--seed', '7', '--set', 'rumors=0'])
    expect(code).toBe(0)
    expect(stdout).toContain('not reached')
    expect(stdout).not.toMatch(anyDrawing)
  })

  it('helps without a command, and each command helps itself', async () => {
    const [none, asked, run] = await Promise.all([peerlab([]), peerlab(['--help']), peerlab(['run', '--help'])])
    expect(none).toEqual(asked)
    expect(none.code).toBe(0)
    for (const word of ['start', 'scenarios', 'run', '--plain', 'Exit codes']) expect(none.stdout).toContain(word)
    for (const name of ['seed', 'set', 'until', 'check', 'json', 'lab']) expect(run.stdout).toContain(`--${name}`)
  })
})
