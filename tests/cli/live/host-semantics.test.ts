/**
 * What every host promises, asked of the simulator's and of the one on real connections: so a protocol file that is
 * right on the one is right on the other. Nothing here depends on how long anything takes.
 */
import { deriveStream, ProtocolError, type Address, type Command, type Host, type Message } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { live, seed, silent, simulated, type Script } from '../support/host-players.ts'

function refusal(call: () => void): string {
  try {
    call()
    return 'nothing was refused'
  } catch (error) {
    return (error as Error).message
  }
}

describe.each([
  ['the simulator', simulated],
  ['real connections', live],
])('a host of %s', (_name, play) => {
  it('knows its address, its neighbors and its own random stream', async () => {
    const script: Script = (host, note) => ({
      onStart() {
        note([host.address, [...Array.from(host.neighbors)], host.random.next(), host.random.integer(1000)])
      },
      onMessage() {},
    })
    const streams = [0, 1].map((node) => deriveStream(seed, 'node', node, 0))
    expect((await play([script, script])).notes).toEqual([
      [0, [1], streams[0]!.next(), streams[0]!.integer(1000)],
      [1, [0], streams[1]!.next(), streams[1]!.integer(1000)],
    ])
  })

  it('starts the nodes before it gives them commands, and says where a message is from', async () => {
    const { notes } = await play(
      [
        (host, note) => ({
          onStart: () => note('start'),
          onCommand(command) {
            note({ ...command })
            host.send(1 as Address, { type: 'hello', id: 7 } as Message)
          },
          onMessage: (from, message) => note([from, { ...message }]),
        }),
        (host, note) => ({
          onMessage(from, message) {
            note([from, { ...message }])
            host.send(from, { type: 'bye' })
          },
        }),
      ],
      { type: 'go', to: [1] } as Command,
    )
    expect(notes).toEqual(['start', { type: 'go', to: [1] }, [0, { type: 'hello', id: 7 }], [1, { type: 'bye' }]])
  })

  it('runs one handler at a time, to its end: nothing comes back inside of a call', async () => {
    const { notes } = await play([
      (host, note) => ({
        onStart() {
          note('start')
          host.setTimer('now', 0)
          host.send(0 as Address, { type: 'to myself' })
          host.send(1 as Address, { type: 'call' })
          note('started')
        },
        onTimer() {},
        onMessage(_from, { type }) {
          note(type)
          if (type === 'to myself') host.setTimer('later', 0)
          note(`${type}: done`)
        },
      }),
      (host, note) => ({
        onMessage(from) {
          note('called')
          host.send(from, { type: 'answer' })
          note('called: done')
        },
      }),
    ])
    expect(notes.slice(0, 2)).toEqual(['start', 'started'])
    const others = notes.slice(2) as string[]
    expect(others.filter((_, i) => i % 2 === 1)).toEqual(
      others.filter((_, i) => i % 2 === 0).map((it) => `${it}: done`),
    )
    expect(others.filter((_, i) => i % 2 === 0).sort()).toEqual(['answer', 'called', 'to myself'])
  })

  it('lets time stand still while a handler runs', async () => {
    const { notes } = await play([
      (host, note) => ({
        onStart() {
          const before = host.now
          for (let i = 0; i < 200; i++)
            host.send(1 as Address, { type: 'much work', bytes: new Uint8Array(1000) } as Message)
          note(host.now - before)
        },
        onMessage() {},
      }),
      silent,
    ])
    expect(notes).toEqual([0])
  })

  it('rings timers in order of their time, equal ones in the order of setting, each once and never early', async () => {
    const delays = [3.2, 3.1, 3.2, 0, 9, 3.15, 0.001]
    const { notes } = await play([
      (host, note) => {
        let start = 0
        return {
          onStart() {
            start = host.now
            delays.forEach((delay, i) => host.setTimer(String(i), delay))
          },
          onTimer(name) {
            note([Number(name), host.now >= start + delays[Number(name)]!])
          },
          onMessage() {},
        }
      },
      silent,
    ])
    expect(notes).toEqual([3, 6, 1, 5, 0, 2, 4].map((i) => [i, true]))
  })

  it('replaces a timer of the same name, and takes back a cancelled one, even at the moment in which it is due', async () => {
    const { notes } = await play([
      (host, note) => ({
        onStart() {
          host.setTimer('replaced', 1)
          host.setTimer('middle', 5)
          host.setTimer('replaced', 10)
          host.setTimer('cancelled', 1)
          host.cancelTimer('cancelled')
          host.cancelTimer('never set')
          host.setTimer('first', 3)
          host.setTimer('cancelled by first', 3)
          host.setTimer('replaced by first', 3)
        },
        onTimer(name) {
          note(name)
          if (name !== 'first') return
          host.cancelTimer('cancelled by first')
          host.setTimer('replaced by first', 20)
        },
        onMessage() {},
      }),
      silent,
    ])
    expect(notes).toEqual(['first', 'middle', 'replaced', 'replaced by first'])
  })

  it('lets a timer ring long before another that is a year away', async () => {
    const { notes } = await play([
      (host, note) => ({
        onStart() {
          host.setTimer('in a year', 365 * 86_400_000)
          host.setTimer('soon', 1)
        },
        onTimer(name) {
          note(name)
          host.cancelTimer('in a year')
        },
        onMessage() {},
      }),
      silent,
    ])
    expect(notes).toEqual(['soon'])
  })

  it('lets a timer be set anew in its own handler', async () => {
    const { notes } = await play([
      (host, note) => {
        let left = 3
        return {
          onStart: () => host.setTimer('beat', 1),
          onTimer() {
            note(left)
            if (--left > 0) host.setTimer('beat', 1)
          },
          onMessage() {},
        }
      },
      silent,
    ])
    expect(notes).toEqual([3, 2, 1])
  })

  it('copies what is sent, reported and stored', async () => {
    const { notes, reports } = await play([
      (host, note) => ({
        onStart() {
          const list = ['a']
          host.send(1 as Address, { type: 'list', list } as Message)
          host.report('list', list)
          host.storage.set('list', list)
          list.push('b')
          ;(host.storage.get('list') as string[]).push('c')
          note([host.storage.get('list') ?? null, host.storage.keys()])
          host.storage.delete('list')
          note(host.storage.keys())
        },
        onMessage() {},
      }),
      (_host, note) => ({ onMessage: (_from, message) => note({ ...message }) }),
    ])
    expect(notes).toEqual([[['a'], ['list']], [], { type: 'list', list: ['a'] }])
    expect(reports).toEqual([[0, 'list', ['a']]])
  })

  it('refuses what is no message, no address, no timer and no report, and goes on', async () => {
    const { notes, failure } = await play([
      (host, note) => ({
        onStart() {
          const send = (message: unknown, to: unknown = 1) =>
            note(refusal(() => host.send(to as Address, message as Message)))
          send({ id: 1 })
          send({ type: 'a', value: undefined })
          send({ type: 'a', value: NaN })
          send({ type: 'a', value: new Map() })
          send({ type: 'a' }, null)
          send({ type: 'a' }, 0.5)
          send({ type: 'to nobody' }, 77)
          note(refusal(() => host.send(1 as Address, { type: 'a' }, { fromPort: 7 })))
          note(refusal(() => host.setTimer('a', -1)))
          note(refusal(() => host.setTimer('a', NaN)))
          note(refusal(() => host.setTimer(7 as never, 1)))
          note(refusal(() => host.report(7 as never)))
          note(refusal(() => host.report('a', (() => 1) as never)))
          host.send(1 as Address, { type: 'the end' })
        },
        onMessage() {},
      }),
      (_host, note) => ({ onMessage: (_from, { type }) => note(type) }),
    ])
    expect(failure).toBeUndefined()
    expect(notes).toEqual([
      expect.stringContaining('it must be an object whose type is a string'),
      expect.stringContaining('message.value is undefined'),
      expect.stringContaining('message.value is NaN'),
      expect.stringContaining('message.value is'),
      expect.stringContaining('send(to: null): not an address'),
      expect.stringContaining('send(to: 0.5): not an address'),
      'nothing was refused',
      expect.stringContaining('fromPort is 7, but this run has no ports'),
      expect.stringContaining('delay (ms) is -1'),
      expect.stringContaining('delay (ms) is NaN'),
      expect.stringContaining('setTimer: the name is 7'),
      expect.stringContaining('report: the event is 7'),
      expect.stringContaining('detail is the function'),
      'the end',
    ])
  })

  it('works inside of its own handlers only', async () => {
    const calls: readonly ((host: Host) => void)[] = [
      (host) => host.send(0 as Address, { type: 'a' }),
      (host) => host.setTimer('a', 1),
      (host) => host.cancelTimer('a'),
      (host) => host.report('a'),
    ]
    let first: Host | undefined
    const { notes, reports, hosts } = await play([
      (host) => {
        first = host
        return { onMessage() {} }
      },
      (_host, note) => ({
        onStart: () => calls.forEach((call) => note(refusal(() => call(first!)))),
        onMessage() {},
      }),
    ])
    expect(notes).toHaveLength(calls.length)
    for (const note of notes) expect(note).toMatch(/^host\.\w+ of node 0 was called while node 1 runs/)
    for (const call of calls)
      expect(refusal(() => call(hosts[0]!))).toMatch(/of node 0 was called outside of a handler/)
    expect(reports).toEqual([])
  })

  it.each<[string, Script, RegExp, Command?]>([
    ['throws', () => ({ onStart: () => fail('no'), onMessage() {} }), /^node 0 threw at .+, start\): Error: no$/],
    ['is async', () => ({ onStart: (async () => {}) as never, onMessage() {} }), /onStart returned a promise/],
    [
      'uses the host in the constructor',
      (host) => {
        host.report('early')
        return { onMessage() {} }
      },
      /host\.report of node 0 was called outside of a handler/,
    ],
    [
      'sets a timer without an onTimer',
      (host) => ({ onStart: () => host.setTimer('a', 0), onMessage() {} }),
      /a timer "a" was set, but the protocol has no onTimer/,
    ],
    ['has no onCommand', silent, /the protocol has no onCommand for "go"/, { type: 'go' }],
  ])('ends the run with the reason where a protocol %s', async (_what, script, reason, command) => {
    const { failure, notes } = await play(
      [
        script,
        (host, note) => ({
          onStart: () => host.setTimer('late', 1000),
          onTimer: (name) => note(name),
          onMessage() {},
        }),
      ],
      command,
    )
    expect(failure).toBeInstanceOf(ProtocolError)
    expect((failure as Error).message).toMatch(reason)
    expect(notes).toEqual([])
  })
})

function fail(message: string): never {
  throw new Error(message)
}
