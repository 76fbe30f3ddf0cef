import { complete, Simulation, type Host } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { node, startedSimulation } from '../support/nodes.ts'

const uses: readonly (readonly [name: string, use: (host: Host) => void])[] = [
  ['send', (host) => host.send(host.address, { type: 'x' })],
  ['setTimer', (host) => host.setTimer('x', 1)],
  ['cancelTimer', (host) => host.cancelTimer('x')],
  ['report', (host) => host.report('x')],
]

/** A simulation whose hosts leak into the test, as they would into a module's variable or a promise. */
function leaky() {
  const hosts: Host[] = []
  const simulation = startedSimulation({
    protocol: node((index) => ({
      onStart: (host) => void (hosts[index] = host),
      onCommand: (_host, command) => uses.find(([name]) => name === command.type)![1](hosts[0]!),
    })),
  })
  return { simulation, hosts }
}

describe.each(uses)('host.%s', (name, use) => {
  test('is refused outside of handlers, and the run goes on unchanged', () => {
    const { simulation, hosts } = leaky()
    const { fingerprint } = simulation
    expect(() => use(hosts[2]!)).toThrow(
      `host.${name} of node 2 was called outside of a handler; begin work in onStart`,
    )
    simulation.run()
    expect([simulation.fingerprint, simulation.packets.sent]).toEqual([fingerprint, 0])
  })

  test('is refused in the constructor', () => {
    const simulation = new Simulation({
      seed: 1,
      topology: complete(1),
      protocol: (host) => (use(host as unknown as Host), { onMessage: () => undefined }),
    })
    expect(() => simulation.runUntil(0)).toThrow(`host.${name} of node 0 was called outside of a handler`)
  })

  test('is refused while another node runs: module-level state', () => {
    const { simulation } = leaky()
    expect(simulation.command(0, { type: name })).toBe(true)
    expect(() => simulation.command(1, { type: name })).toThrow(
      `host.${name} of node 0 was called while node 1 runs; keep state in the instance, not in the module`,
    )
  })

  test('is refused to an instance that a crash has ended', () => {
    const { simulation, hosts } = leaky()
    const before = hosts[0]!
    simulation.crash(0)
    simulation.restart(0)
    hosts[0] = before
    expect(() => simulation.command(0, { type: name })).toThrow(`host.${name} of node 0`)
  })
})

describe('a host', () => {
  test('knows the time, its address and its neighbors, as they are for its node', () => {
    const { simulation, hosts } = leaky()
    simulation.runUntil(12.345)
    expect(hosts.map(({ now, address, neighbors }) => [now, address, Array.from(neighbors)])).toEqual([
      [12.345, 0, [1, 2, 3]],
      [12.345, 1, [2, 3, 0]],
      [12.345, 2, [3, 0, 1]],
      [12.345, 3, [0, 1, 2]],
    ])
  })

  test.each([undefined, 3, null])('refuses names that are no strings: %s', (name) => {
    const act = (use: (host: Host) => void) => () =>
      startedSimulation({ protocol: node(() => ({ onCommand: use })) }).command(0, { type: 'go' })
    expect(act((host) => host.setTimer(name as never, 1))).toThrow(
      `setTimer: the name is ${String(name)}; it must be a string`,
    )
    expect(act((host) => host.report(name as never))).toThrow(
      `report: the event is ${String(name)}; it must be a string`,
    )
  })
})

describe('host.random', () => {
  test('is refused outside of handlers', () => {
    const { hosts } = leaky()
    expect(() => hosts[2]!.random.next()).toThrow('host.random was used outside of a handler')
  })

  test("draws from the running node's own stream, whoever's host it was taken from", () => {
    const drawnFrom = (owner: (index: number) => number): number[] => {
      const hosts: Host[] = []
      const drawn: number[] = []
      const simulation = startedSimulation({
        protocol: node((index) => ({
          onStart: (host) => void (hosts[index] = host),
          onCommand: () => void (drawn[index] = hosts[owner(index)]!.random.integer(1000)),
        })),
      })
      for (let index = 0; index < 4; index++) simulation.command(index, { type: 'draw' })
      return drawn
    }
    expect(drawnFrom(() => 0)).toEqual(drawnFrom((index) => index))
  })
})
