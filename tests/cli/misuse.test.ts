import { describe, expect, it } from 'vitest'
import { peerlab } from './support/peerlab.ts'

const gossip = ['run', 'gossip', '--seed', '7']

/** What is typed, and what must be in the answer. */
const misuses: readonly (readonly [args: readonly string[], says: readonly string[]])[] = [
  [['rnu'], ['There is no command "rnu".', 'Did you mean "run"?', 'npx peerlab --help']],
  [['help', 'rnu'], ['Did you mean "run"?']],
  [['gossip'], ['npx peerlab run gossip --seed 7']],
  [['peerlab:gossip?seed=7'], ['npx peerlab run "<link>"']],
  [['--versoin'], ['Did you mean --version?']],
  [['lab'], ['needs one of these', 'watch']],
  [
    ['scenarios', 'gosip'],
    ['There is no scenario "gosip".', 'Did you mean "gossip"?'],
  ],
  [['run'], ['Name the scenario', 'npx peerlab run gossip --seed 7']],
  [
    ['run', 'gosip', '--seed', '7'],
    ['Did you mean "gossip"?', 'npx peerlab scenarios'],
  ],
  [
    ['run', 'gossip', '--set', 'fanout=2'],
    ['needs a seed', 'npx peerlab run gossip --seed 7 --set fanout=2'],
  ],
  [
    ['run', 'gossip', '--sede', '7'],
    ['--sede', 'Did you mean --seed?', 'npx peerlab run --help'],
  ],
  [
    ['run', 'gossip', '--seed'],
    ['--seed', 'argument missing'],
  ],
  [
    [...gossip, '--set', 'fanuot=2'],
    ['Did you mean "fanout"?', 'npx peerlab scenarios gossip'],
  ],
  [
    [...gossip, '--set', 'fanout=0'],
    ['fanout cannot be "0"', 'whole number from 1 to 64 (nodes)', 'default is 3'],
  ],
  [
    [...gossip, '--set', 'size=4', '--set', 'degree=9'],
    ['cannot run like this', 'degree'],
  ],
  [
    [...gossip, '--until', '-1'],
    ['--until cannot be "-1"', 'from 0'],
  ],
  [[...gossip, '--lab', '03-gosip'], ['There is no lab "03-gosip"']],
  [
    ['run', 'hello', '--seed', '7', '--lab', '03-gossip'],
    ['03-gossip', 'run gossip --seed 7 --lab 03-gossip'],
  ],
  [['run', 'peerlab:gossip?seed=7&do=crsh@5~{}'], ['no action "crsh"']],
  [
    ['run', 'peerlab:gossip?seed=7', '--seed', '8'],
    ['its own seed', '--seed'],
  ],
  [
    ['start', '--port', 'high'],
    ['--port cannot be "high"', 'from 1 to 65535'],
  ],
  [
    ['start', 'gosip'],
    ['There is no deck "gosip".', 'Did you mean "03-gossip"?'],
  ],
  [
    ['open', 'gossip'],
    ['is no link', 'npx peerlab open "peerlab:gossip?seed=7"'],
  ],
  [['open', 'peerlab:gosip?seed=7'], ['Did you mean "gossip"?']],
  [
    ['open', 'peerlab:gossip?seed=x'],
    ['cannot be read', 'seed'],
  ],
  [['open', 'peerlab:hello?seed=7&lab=03-gossip'], ['does not run in hello']],
]

describe.concurrent('wrong use exits with 2 and says in two lines what is wrong and what to do', () => {
  it.each(misuses)('%j', async (args, says) => {
    const { code, stdout, stderr } = await peerlab(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .+\n.+\n$/)
    for (const part of says) expect(stderr).toContain(part)
  })
})

describe.concurrent('what could not run exits with 3', () => {
  it('a link whose recording is of another run', async () => {
    const { code, stderr } = await peerlab(['run', 'peerlab:gossip?seed=7&do=crash@50+1~{"node":3}'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^Error: The link does not fit this run: .+\n.+\n$/)
  })

  it('and shows a stack trace only with PEERLAB_DEBUG=1', async () => {
    const { stderr } = await peerlab(['run', 'gossip', '--seed', 'x'], { env: { PEERLAB_DEBUG: '1' } })
    expect(stderr).toMatch(/\n {4}at /)
  })
})
