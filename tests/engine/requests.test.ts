import {
  complete,
  drop,
  duplication,
  isRequest,
  pass,
  Requests,
  type Address,
  type Host,
  type Message,
  type ReplyMessage,
  type RequestMessage,
  type RequestsOptions,
  type Rule,
  type Simulation,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, node, startedSimulation } from '../support/nodes.ts'

interface Sum extends Message {
  readonly type: 'sum'
  readonly of: readonly number[]
}

interface Result extends Message {
  readonly type: 'result'
  readonly value: number
}

interface Ask extends Message {
  readonly type: 'ask'
  readonly to: number
  readonly of: readonly number[]
}

const isResult = (message: Message): message is Result =>
  message.type === 'result' && Number.isFinite((message as Partial<Result>).value)

/** Each node asks others for sums and answers those who ask it; what became of a request is in its reports. */
const calculator = (options: RequestsOptions): ReturnType<typeof node> =>
  node(() => {
    let requests: Requests
    return {
      onStart: (host) => void (requests = new Requests(host as Host<never>, options)),
      onCommand: (host, command) => {
        const { to, of } = command as Ask
        const question: Sum = { type: 'sum', of }
        requests.ask(to as Address, question, isResult, (result) => {
          host.report('done', { of, value: result?.value ?? null, waiting: requests.pending })
        })
      },
      onMessage: (host, from, message) => {
        if (requests.onMessage(from, message)) return
        if (!isRequest(message)) return host.report('no request', { type: message.type })
        const result: Result = { type: 'result', value: (message as Sum & RequestMessage).of.reduce((a, b) => a + b) }
        requests.reply(from, message, result)
      },
      onTimer: (host, name) => {
        if (!requests.onTimer(name)) host.report('own timer', { name })
      },
    }
  })

/** Node 0 asks; each link takes 10 ms. */
function calculators(options: RequestsOptions = { timeout: 100, attempts: 3 }): Simulation {
  return startedSimulation({ topology: complete(4), protocol: calculator(options) })
}

function ask(simulation: Simulation, to: number, ...of: number[]): void {
  const command: Ask = { type: 'ask', to, of }
  simulation.command(0, command)
}

function outcomes(simulation: Simulation): unknown[] {
  const list: unknown[] = []
  simulation.observe({ onReport: (time, at, event, detail) => list.push([time, at, event, detail]) })
  return list
}

/** The requests that were sent, as they were on the wire. */
function requestsSent(simulation: Simulation): (Sum & RequestMessage)[] {
  const list: (Sum & RequestMessage)[] = []
  simulation.observe({
    onSend: (_time, _from, _to, message) => message.type === 'sum' && list.push(message as Sum & RequestMessage),
  })
  return list
}

/** Loses the first `count` packets of this type. */
function loseFirst(count: number, type: string): Rule {
  let left = count
  return { name: 'lose first', judge: ({ message }) => (message.type === type && left-- > 0 ? drop : pass) }
}

/** Sends node 0 a reply to the only request that waits, under the address of `from`. */
function forge(simulation: Simulation, from: number, replyTo: number, value: unknown): void {
  simulation.inject(from, 0, { type: 'result', replyTo, value } as ReplyMessage)
}

describe('a request', () => {
  test('is done with its reply, and leaves nothing running', () => {
    const simulation = calculators()
    const seen = outcomes(simulation)
    ask(simulation, 1, 2, 3)
    simulation.run()
    expect(seen).toEqual([[20, 0, 'done', { of: [2, 3], value: 5, waiting: 0 }]])
    expect(simulation.lastEventTime).toBe(20)
  })

  test('that nobody answers is sent once for each attempt, a time-out apart, and then has failed', () => {
    const simulation = calculators()
    simulation.crash(1)
    const seen = outcomes(simulation)
    const times: number[] = []
    simulation.observe({ onSend: (time) => void times.push(time) })
    ask(simulation, 1, 2, 3)
    simulation.run()
    expect(times).toEqual([0, 100, 200])
    expect(seen).toEqual([[300, 0, 'done', { of: [2, 3], value: null, waiting: 0 }]])
  })

  test.each(['sum', 'result'])('survives the loss of a %s, by the attempt that follows', (type) => {
    const simulation = calculators()
    const seen = outcomes(simulation)
    simulation.addRule(loseFirst(2, type))
    ask(simulation, 1, 2, 3)
    simulation.run()
    expect(seen).toEqual([[220, 0, 'done', { of: [2, 3], value: 5, waiting: 0 }]])
  })

  test('has the same id in all attempts', () => {
    const simulation = calculators()
    simulation.crash(1)
    const sent = requestsSent(simulation)
    ask(simulation, 1, 2, 3)
    simulation.run()
    expect(sent).toHaveLength(3)
    expect(new Set(sent.map(({ requestId }) => requestId)).size).toBe(1)
  })

  test('is done once, though every packet comes twice; what is left over is reported', () => {
    const simulation = calculators()
    simulation.addRule(duplication(1))
    const seen = outcomes(simulation)
    ask(simulation, 1, 2, 3)
    simulation.run()
    const stray = [20, 0, 'stray-reply', { from: 1 }]
    expect(seen).toEqual([[20, 0, 'done', { of: [2, 3], value: 5, waiting: 0 }], stray, stray, stray])
  })

  test('that has failed stays so when the reply comes late', () => {
    const simulation = calculators({ timeout: 5, attempts: 2 })
    const seen = outcomes(simulation)
    ask(simulation, 1, 2, 3)
    simulation.run()
    expect(seen).toEqual([
      [10, 0, 'done', { of: [2, 3], value: null, waiting: 0 }],
      [20, 0, 'stray-reply', { from: 1 }],
      [25, 0, 'stray-reply', { from: 1 }],
    ])
  })

  test('among others of the same node gets its own reply, in whatever order they come', () => {
    const simulation = calculators()
    const seen = outcomes(simulation)
    simulation.addRule(loseFirst(1, 'sum'))
    ask(simulation, 1, 1)
    ask(simulation, 1, 2)
    ask(simulation, 2, 3)
    simulation.run()
    expect(seen).toEqual([
      [20, 0, 'done', { of: [2], value: 2, waiting: 2 }],
      [20, 0, 'done', { of: [3], value: 3, waiting: 1 }],
      [120, 0, 'done', { of: [1], value: 1, waiting: 0 }],
    ])
  })

  test('dies with its node: the restarted one takes the reply for a stray', () => {
    const simulation = calculators()
    ask(simulation, 1, 2, 3)
    simulation.crash(0)
    simulation.restart(0)
    const seen = outcomes(simulation)
    simulation.run()
    expect(seen).toEqual([[20, 0, 'stray-reply', { from: 1 }]])
  })
})

describe('a reply', () => {
  test('of a stranger counts for nothing, even with the right id', () => {
    const simulation = calculators()
    const sent = requestsSent(simulation)
    const seen = outcomes(simulation)
    ask(simulation, 1, 2, 3)
    forge(simulation, 2, sent[0]!.requestId, 666)
    simulation.run()
    expect(seen).toEqual([
      [10, 0, 'stray-reply', { from: 2 }],
      [20, 0, 'done', { of: [2, 3], value: 5, waiting: 0 }],
    ])
  })

  test('under the address of the peer counts for nothing without the id', () => {
    const simulation = calculators()
    const sent = requestsSent(simulation)
    const seen = outcomes(simulation)
    ask(simulation, 1, 2, 3)
    for (const wrong of [sent[0]!.requestId + 1, 0, -1, 'x' as unknown as number]) forge(simulation, 1, wrong, 666)
    simulation.run()
    const stray = [10, 0, 'stray-reply', { from: 1 }]
    expect(seen).toEqual([stray, stray, stray, stray, [20, 0, 'done', { of: [2, 3], value: 5, waiting: 0 }]])
  })

  test('that is malformed is reported and dropped, and the request goes on', () => {
    const simulation = calculators()
    const sent = requestsSent(simulation)
    const seen = outcomes(simulation)
    ask(simulation, 1, 2, 3)
    forge(simulation, 1, sent[0]!.requestId, 'five')
    simulation.run()
    expect(seen).toEqual([
      [10, 0, 'malformed', { type: 'result' }],
      [20, 0, 'done', { of: [2, 3], value: 5, waiting: 0 }],
    ])
  })
})

test('request ids are whole numbers from all over their range, so none tells the next', () => {
  const simulation = calculators()
  const sent = requestsSent(simulation)
  for (let i = 0; i < 400; i++) ask(simulation, 1, i)
  const ids = sent.map(({ requestId }) => requestId)
  expect(new Set(ids).size).toBe(400)
  expect(ids.every((id) => Number.isSafeInteger(id) && id >= 0)).toBe(true)
  const sixteenths = new Set(ids.map((id) => Math.floor(id / 2 ** 49)))
  expect(sixteenths.size).toBe(16)
  const odd = ids.filter((id) => id % 2 === 1).length
  expect(Math.abs(odd - 200)).toBeLessThan(4 * Math.sqrt(100))
})

test('what is not of this layer is left to the protocol', () => {
  const simulation = startedSimulation({
    protocol: node(() => {
      let requests: Requests
      return {
        onStart: (host) => {
          requests = new Requests(host as Host<never>)
          host.setTimer('tick', 5)
          host.send(host.address, { type: 'hello' })
        },
        onMessage: (host, from, message) => host.report(`message ${requests.onMessage(from, message)}`),
        onTimer: (host, name) => host.report(`${name} ${requests.onTimer(name)}`),
      }
    }),
    topology: complete(1),
  })
  const lines = journal(simulation)
  simulation.run()
  expect(lines.filter((line) => line.includes('report'))).toEqual([
    '5 report 0 tick false',
    '10 report 0 message false',
  ])
})

test.each([
  [{}, false],
  [{ requestId: 0 }, true],
  [{ requestId: 2 ** 53 - 1 }, true],
  [{ requestId: 2 ** 53 }, false],
  [{ requestId: -1 }, false],
  [{ requestId: 0.5 }, false],
  [{ requestId: '1' }, false],
  [{ requestId: null }, false],
])('%j is a request: %s', (fields, expected) => {
  expect(isRequest({ type: 'sum', ...fields } as Message)).toBe(expected)
})

test.each([
  [{ timeout: 0 }, 'timeout is 0; it must be a number from 0.001 to'],
  [{ timeout: NaN }, 'timeout is NaN'],
  [{ attempts: 0 }, 'attempts is 0; it must be a whole number from 1 to 100'],
  [{ attempts: 1.5 }, 'attempts is 1.5'],
])('the options %j are refused', (options, message) => {
  expect(() => new Requests(undefined as unknown as Host<never>, options)).toThrow(message)
})
