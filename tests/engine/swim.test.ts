import {
  complete,
  constantLatency,
  duplication,
  loss,
  partition,
  Simulation,
  Swim,
  topologyFromEdges,
  uniformLatency,
  type LatencyModel,
  type MemberStatus,
  type Message,
  type SwimMessage,
  type SwimOptions,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

const period = 1000

interface Group {
  readonly simulation: Simulation
  /** The instance that each node runs now. */
  readonly nodes: readonly Swim[]
  /** All reports but those of single pings, in order. */
  readonly changes: readonly { time: number; node: number; status: string; member: number }[]
}

interface Setup extends Partial<SwimOptions> {
  readonly seed?: number
  readonly topology?: Topology
  readonly latency?: LatencyModel
}

/** A group that has started: by default 30 members that know each other, each with a phase of its own. */
function group({ seed = 1, topology = complete(30), latency = constantLatency(20), ...options }: Setup = {}): Group {
  const nodes: Swim[] = []
  const changes: { time: number; node: number; status: string; member: number }[] = []
  const simulation = new Simulation({
    seed,
    topology,
    latency,
    strict: true,
    protocol: (host, node) => (nodes[node] = new Swim(host, { period, timing: 'periodic', ...options })),
  })
  simulation.observe({
    onReport: (time, node, status, detail) => {
      const { member } = detail as { member?: number }
      if (member !== undefined) changes.push({ time, node, status, member })
    },
  })
  simulation.runUntil(0)
  return { simulation, nodes, changes }
}

/** What the nodes that are up hold of one member, each of their opinions once. */
function opinionsOf({ simulation, nodes }: Group, member: number): MemberStatus[] {
  const opinions = nodes.flatMap(({ members }, node) =>
    simulation.isUp(node) && node !== member ? [members.find((each) => each.member === member)!.status] : [],
  )
  return [...new Set(opinions)]
}

const failedOnes = ({ changes }: Group): number[] => [
  ...new Set(changes.flatMap(({ status, member }) => (status === 'failed' ? [member] : []))),
]

/** Until a suspicion has run out and everybody has heard: see the options. */
const longEnough = (size: number): number => (2 * size + 8 * Math.ceil(Math.log(size + 1))) * period

describe('a member that crashes', () => {
  test('is held for failed by all, and nobody else is', () => {
    const run = group()
    run.simulation.runUntil(5 * period)
    run.simulation.crash(7)
    run.simulation.runUntil(5 * period + longEnough(30))
    expect(opinionsOf(run, 7)).toEqual(['failed'])
    expect(failedOnes(run)).toEqual([7])
  })

  test('is first suspected, and has the time for an answer that the options give', () => {
    const run = group({ suspicion: 2 })
    run.simulation.crash(7)
    run.simulation.runUntil(longEnough(30))
    const suspected = run.changes.find(({ status }) => status === 'suspect')!
    const failed = run.changes.find(({ status }) => status === 'failed')!
    expect(failed).toMatchObject({ node: suspected.node, member: 7 })
    expect(failed.time - suspected.time).toBeCloseTo(2 * Math.ceil(Math.log(31)) * period, 3)
  })

  test('is failed at once where suspicion is switched off', () => {
    const run = group({ suspicion: 0 })
    run.simulation.crash(7)
    run.simulation.runUntil(longEnough(30))
    expect(run.changes.every(({ status }) => status === 'failed')).toBe(true)
    expect(opinionsOf(run, 7)).toEqual(['failed'])
  })

  test('is found by every other on its own within 2n - 1 periods, though no news are passed on', () => {
    for (const seed of [1, 2, 3]) {
      const run = group({ seed, topology: complete(12), lambda: 0, suspicion: 0 })
      run.simulation.runUntil(20.5 * period)
      run.simulation.crash(7)
      // One more period until the ping counts as unanswered. The others are 11, so n is 11 here.
      run.simulation.runUntil((20.5 + 2 * 11 - 1 + 1) * period)
      expect(opinionsOf(run, 7), `seed ${seed}`).toEqual(['failed'])
      expect(new Set(run.changes.map(({ node }) => node)).size).toBe(11)
    }
  })

  test('and comes back before anybody noticed stays alive for all', () => {
    const run = group()
    run.simulation.runUntil(5 * period)
    run.simulation.crash(7)
    run.simulation.runUntil(5.1 * period)
    run.simulation.restart(7)
    run.simulation.runUntil(60 * period)
    expect(opinionsOf(run, 7)).toEqual(['alive'])
    expect(failedOnes(run)).toEqual([])
  })

  test('and comes back later is alive for all again, at a higher incarnation', () => {
    const run = group()
    run.simulation.crash(7)
    run.simulation.runUntil(longEnough(30))
    expect(opinionsOf(run, 7)).toEqual(['failed'])
    for (const incarnation of [1, 2]) {
      run.simulation.crash(7)
      run.simulation.restart(7)
      run.simulation.runUntil(run.simulation.now + 20 * period)
      expect(opinionsOf(run, 7)).toEqual(['alive'])
      expect(run.nodes[0]!.members.find(({ member }) => member === 7)!.incarnation).toBe(incarnation)
    }
  })
})

describe('who is pinged', () => {
  /** The longest time between two pings of one member by another, in periods. */
  function longestGap(choice: 'round-robin' | 'random'): number {
    const size = 10
    const run = group({ topology: complete(size), choice })
    const last = new Map<string, number>()
    let longest = 0
    run.simulation.observe({
      onSend: (time, from, to, { type }) => {
        if (type !== 'ping') return
        const pair = `${from}→${to}`
        longest = Math.max(longest, time - (last.get(pair) ?? time))
        last.set(pair, time)
      },
    })
    run.simulation.runUntil(400 * period)
    return longest / period
  }

  test('is every member at least once in 2n - 1 periods, in an order that differs from pass to pass', () => {
    const others = 9
    expect(longestGap('round-robin')).toBeLessThan(2 * others - 1 + 1e-6)
    expect(longestGap('round-robin')).toBeGreaterThan(others + 1)
  })

  test('has no such bound where the choice is random', () => {
    expect(longestGap('random')).toBeGreaterThan(2 * 9 - 1)
  })

  test('by others is a member without an answer: as many helpers as the options say, and only then', () => {
    const run = group({ helpers: 4, suspicion: 1000 })
    const requests: { from: number; to: number; target: number }[] = []
    run.simulation.observe({
      onSend: (_time, from, to, message) => {
        if (message.type === 'ping-req') requests.push({ from, to, target: (message as { target?: number }).target! })
      },
    })
    run.simulation.runUntil(10 * period)
    expect(requests).toEqual([])
    run.simulation.crash(7)
    run.simulation.runUntil(60 * period)
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.length % 4).toBe(0)
    expect(requests.every(({ from, to, target }) => target === 7 && to !== 7 && to !== from)).toBe(true)
  })

  test('and reached by way of a helper is no suspect: a single bad link does no harm', () => {
    for (const [helpers, suspects] of [
      [3, []],
      [0, [7]],
    ] as const) {
      const run = group({ helpers })
      run.simulation.addRule({
        name: 'bad link',
        judge: ({ from, to }) => ({ kind: from + to === 10 && (from === 3 || to === 3) ? 'drop' : 'pass' }),
      })
      run.simulation.runUntil(100 * period)
      expect([
        ...new Set(
          run.changes.flatMap(({ node, status, member }) => (node === 3 && status === 'suspect' ? [member] : [])),
        ),
      ]).toEqual(suspects)
    }
  })
})

describe('false alarms', () => {
  /** How often somebody declares a member failed that is up, in 50 periods with 20 % loss. */
  function falseFailures(options: Partial<SwimOptions>): number {
    const run = group(options)
    run.simulation.addRule(loss(0.2))
    run.simulation.runUntil(50 * period)
    return run.changes.filter(({ status }) => status === 'failed').length
  }

  test('become rarer with more helpers', () => {
    const [none, one, five] = [0, 1, 5].map((helpers) => falseFailures({ helpers, suspicion: 0, lambda: 0 }))
    expect(one!).toBeLessThan(0.8 * none!)
    expect(five!).toBeLessThan(0.2 * none!)
  })

  test('end where a suspect has the time to deny, and comes to hear of it', () => {
    const without = falseFailures({ helpers: 0, suspicion: 0 })
    expect(without).toBeGreaterThan(1000)
    expect(falseFailures({ helpers: 0 })).toBeLessThan(0.01 * without)
    expect(falseFailures({})).toBe(0)
    // With room for little news the denials come too late.
    expect(falseFailures({ helpers: 0, maxUpdates: 3 })).toBeGreaterThan(0.05 * without)
  })

  test('about a member that is cut off for a moment end with its denial, and it never counts as failed', () => {
    const run = group()
    const heal = run.simulation.addRule(partition([7]))
    run.simulation.runUntil(4 * period)
    heal()
    expect(opinionsOf(run, 7)).toContain('suspect')
    run.simulation.runUntil(40 * period)
    expect(opinionsOf(run, 7)).toEqual(['alive'])
    expect(run.nodes[0]!.members.find(({ member }) => member === 7)!.incarnation).toBeGreaterThan(0)
    expect(failedOnes(run)).not.toContain(7)
    // It suspected others as well: whatever it said of them, they denied.
    for (let node = 0; node < 30; node++) expect(opinionsOf(run, node)).toEqual(['alive'])
  })
})

/** Nodes 0 to size - 2 know each other; the last one knows node 0, and nobody knows it. */
function withNewcomer(size: number): Topology {
  const others = Array.from({ length: size - 1 }, (_, node) => node)
  const edges = others.flatMap((a) => others.flatMap((b) => (a === b ? [] : [[a, b] as const])))
  return topologyFromEdges(size, [...edges, [size - 1, 0]], { directed: true })
}

describe('a newcomer', () => {
  test('that knows one member is told of all others by it, and they hear of it', () => {
    const calm = group({ topology: withNewcomer(20) })
    calm.simulation.runUntil(1.1 * period) // time for one ping
    expect(calm.nodes[19]!.members.length).toBe(19)
    const run = group({ topology: withNewcomer(20) })
    run.simulation.addRule(loss(0.2))
    expect(run.nodes.map(({ members }) => members.length)).toEqual([...Array<number>(19).fill(18), 1])
    run.simulation.runUntil(30 * period)
    expect(run.nodes.map(({ members }) => members.length)).toEqual(Array<number>(20).fill(19))
  })

  test('is pinged in the pass in which it comes', () => {
    const run = group({ topology: withNewcomer(20) })
    const pinged = new Map<number, number>()
    run.simulation.observe({
      onSend: (time, from, to, { type }) => {
        if (type === 'ping' && to === 19 && !pinged.has(from)) pinged.set(from, time)
      },
    })
    run.simulation.runUntil(60 * period)
    const heard = new Map(run.changes.flatMap(({ time, node, member }) => (member === 19 ? [[node, time]] : [])))
    const waits = Array.from({ length: 19 }, (_, node) => (pinged.get(node)! - heard.get(node)!) / period)
    expect(Math.max(...waits)).toBeLessThan(19)
    expect(Math.max(...waits)).toBeGreaterThan(10)
  })
})

describe('news', () => {
  test('are told λ ⌈ln(n + 1)⌉ times by each node and no more, and a packet has as many as the options say', () => {
    const run = group({ lambda: 2, maxUpdates: 6 })
    run.simulation.runUntil(5 * period) // all have joined
    const told = new Map<string, number>()
    let most = 0
    run.simulation.observe({
      onSend: (_time, from, to, message) => {
        const { updates } = message as SwimMessage
        most = Math.max(most, updates.length)
        for (const { member, status, incarnation } of updates) {
          const line = `${from} tells that ${member} is ${status} in ${incarnation}`
          if (member !== to) told.set(line, (told.get(line) ?? 0) + 1)
        }
      },
    })
    for (const member of [3, 4, 5, 6, 7, 8, 9, 10]) run.simulation.crash(member)
    run.simulation.runUntil(100 * period)
    expect(Math.max(...told.values())).toBe(2 * Math.ceil(Math.log(31)))
    expect(most).toBe(6)
  })

  test('reach everybody long before a suspicion runs out', () => {
    const run = group({ topology: complete(100) })
    run.simulation.crash(7)
    run.simulation.runUntil(60 * period)
    const suspicions = run.changes.filter(({ status }) => status === 'suspect')
    expect(new Set(suspicions.map(({ node }) => node)).size).toBe(99)
    expect(suspicions.at(-1)!.time - suspicions[0]!.time).toBeLessThan(3 * Math.ceil(Math.log(101)) * period)
  })
})

describe('through', () => {
  test('loss, copies and packets that overtake each other nobody is failed who is up, and who is down is failed', () => {
    const run = group({ latency: uniformLatency(1, 150) })
    run.simulation.addRule(loss(0.1))
    run.simulation.addRule(duplication(0.3))
    run.simulation.runUntil(20 * period)
    run.simulation.crash(7)
    run.simulation.runUntil(120 * period)
    expect(failedOnes(run)).toEqual([7])
    expect(opinionsOf(run, 7)).toEqual(['failed'])
  })

  test('a long cut each half holds the other for failed, and once it is over all are alive again', () => {
    const run = group()
    const half = Array.from({ length: 15 }, (_, node) => node)
    const heal = run.simulation.addRule(partition(half))
    run.simulation.runUntil(100 * period)
    expect(half.every((node) => opinionsOf(run, node).includes('failed'))).toBe(true)
    for (const member of run.nodes[0]!.members) expect(member.status).toBe(member.member < 15 ? 'alive' : 'failed')
    heal()
    run.simulation.runUntil(250 * period)
    for (let node = 0; node < 30; node++) expect(opinionsOf(run, node)).toEqual(['alive'])
  })

  test('a time in which everybody else is down a node goes on asking, and finds them when they come back', () => {
    const run = group({ topology: complete(4) })
    for (const node of [1, 2, 3]) run.simulation.crash(node)
    run.simulation.runUntil(60 * period)
    expect(run.nodes[0]!.members.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed'])
    for (const node of [1, 2, 3]) run.simulation.restart(node)
    run.simulation.runUntil(90 * period)
    expect(run.nodes[0]!.members.map(({ status }) => status)).toEqual(['alive', 'alive', 'alive'])
  })
})

test('options that are none are refused with name and range', () => {
  expect(() => group({ timeout: 2 * period })).toThrow('timeout is 2000; it must be a number from 0 to 1000')
  expect(() => group({ helpers: -1 })).toThrow('helpers is -1; it must be a whole number from 0 to 100')
  expect(() => group({ maxUpdates: 0 })).toThrow('maxUpdates is 0; it must be a whole number from 1 to 100')
})

test('an injected message of the group is taken as any other', () => {
  const run = group()
  const updates = [{ member: 5, status: 'suspect', incarnation: 0 }]
  run.simulation.inject(3, 4, { type: 'ack', number: 0, updates } as Message)
  run.simulation.runUntil(20)
  expect(run.changes).toEqual([{ time: 20, node: 4, status: 'suspect', member: 5 }])
})
