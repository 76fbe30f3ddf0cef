import {
  complete,
  constantLatency,
  Internet,
  Simulation,
  type Address,
  type AttackerHost,
  type Command,
  type Message,
  type NatSite,
  type Site,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { node } from '../support/nodes.ts'

interface Tell extends Command {
  readonly type: 'tell'
  readonly to: number
  readonly text: string
  readonly port?: number
  readonly as?: number
}

/** Nodes that send what they are told to, and report from whom they hear. */
const teller = node(() => ({
  onCommand: (host, command) => {
    const { to, text, port, as } = command as Tell
    const message = { type: text }
    if (as !== undefined) (host as AttackerHost).sendAs(as as Address, to as Address, message)
    else host.send(to as Address, message, port === undefined ? {} : { fromPort: port })
  },
  onMessage: (host, from, message) => host.report('got', { from, text: message.type }),
}))

function network(sites: readonly Site[], nats: readonly NatSite[] = [], attackers: readonly number[] = []) {
  const internet = new Internet(1, sites, nats)
  const simulation = new Simulation({
    seed: 1,
    topology: complete(sites.length),
    protocol: teller,
    latency: constantLatency(10),
    underlay: internet,
    attackers: new Set(attackers),
  })
  simulation.runUntil(0)
  const got: string[] = []
  simulation.observe({
    onReport: (_time, at, _event, detail) => {
      const { from, text } = detail as { readonly from: number; readonly text: string }
      const { ip, port } = internet.endpointOf(from as Address)!
      got.push(`${at} hears ${text} from ${ip}:${port}`)
    },
    onDrop: (_time, from, _to, message, reason) => void got.push(`${message.type} of ${from}: ${reason}`),
  })
  const tell = (from: number, to: string, text: string, more: { port?: number; as?: string } = {}): void => {
    const [ip, port] = to.split(':') as [string, string]
    const as = more.as?.split(':')
    const claimed = as && internet.intern({ ip: as[0]!, port: Number(as[1]) })
    const command: Message = { type: 'tell' }
    Object.assign(command, { to: internet.intern({ ip, port: Number(port) }), text }, more.port && { port: more.port })
    if (claimed !== undefined) Object.assign(command, { as: claimed })
    simulation.command(from, command)
  }
  return { simulation, internet, got, tell }
}

const server: Site = { ip: '1.0.0.1', port: 80 }
const home: Site = { ip: '192.168.0.2', port: 4001, nat: 0 }

describe('the internet', () => {
  test('brings a packet to a public endpoint, and shows where it came from', () => {
    const { simulation, got, tell } = network([server, { ip: '2.0.0.1', port: 90 }])
    tell(1, '1.0.0.1:80', 'hello')
    tell(1, '9.9.9.9:1', 'lost')
    simulation.run()
    expect(got).toEqual(['lost of 1: no such address', '0 hears hello from 2.0.0.1:90'])
  })

  test('shows the outside of a NAT to whom a host behind it writes, and brings the answer back', () => {
    const { simulation, got, tell } = network([server, home], [{ ip: '5.0.0.1' }])
    tell(1, '1.0.0.1:80', 'hello')
    simulation.run()
    tell(0, '5.0.0.1:4001', 'answer')
    simulation.run()
    expect(got).toEqual(['0 hears hello from 5.0.0.1:4001', '1 hears answer from 1.0.0.1:80'])
  })

  test('lets no packet in before one went out, and no packet reach an inside address from outside', () => {
    const { simulation, got, tell } = network([server, home], [{ ip: '5.0.0.1' }])
    tell(0, '5.0.0.1:4001', 'knock')
    tell(0, '192.168.0.2:4001', 'inside')
    simulation.run()
    expect(got).toEqual(['inside of 0: no such address', 'knock of 0: no NAT mapping'])
  })

  test('judges a packet by the table at its arrival: one that is under way when the door opens gets in', () => {
    const { simulation, got, tell } = network([server, home], [{ ip: '5.0.0.1' }])
    tell(0, '5.0.0.1:4001', 'early')
    simulation.runUntil(5)
    tell(1, '1.0.0.1:80', 'open')
    simulation.run()
    expect(got).toEqual(['1 hears early from 1.0.0.1:80', '0 hears open from 5.0.0.1:4001'])
  })

  test('gives each port of a host a mapping of its own', () => {
    const { simulation, got, tell } = network([server, home], [{ ip: '5.0.0.1' }])
    tell(1, '1.0.0.1:80', 'a', { port: 7000 })
    tell(1, '1.0.0.1:80', 'b', { port: 7001 })
    simulation.run()
    expect(got).toEqual(['0 hears a from 5.0.0.1:7000', '0 hears b from 5.0.0.1:7001'])
  })

  test('keeps neighbors of one NAT on their own network', () => {
    const neighbor = { ip: '192.168.0.3', port: 4001, nat: 0 }
    const { simulation, got, tell } = network([server, home, neighbor], [{ ip: '5.0.0.1' }])
    tell(1, '192.168.0.3:4001', 'hello')
    simulation.run()
    expect(got).toEqual(['2 hears hello from 192.168.0.2:4001'])
  })

  test('lets different networks use the same inside addresses', () => {
    const { simulation, got, tell } = network(
      [server, home, { ...home, nat: 1 }],
      [{ ip: '5.0.0.1' }, { ip: '6.0.0.1' }],
    )
    tell(1, '1.0.0.1:80', 'one')
    tell(2, '1.0.0.1:80', 'other')
    simulation.run()
    expect(got).toEqual(['0 hears one from 5.0.0.1:4001', '0 hears other from 6.0.0.1:4001'])
  })

  test('turns packets to its own outside around, with their outside source, where the NAT hairpins', () => {
    const neighbor = { ip: '192.168.0.3', port: 5000, nat: 0 }
    for (const hairpinning of [true, false]) {
      const options = { ip: '5.0.0.1', filtering: 'endpoint-independent', hairpinning } as const
      const { simulation, got, tell } = network([server, home, neighbor], [options])
      tell(1, '1.0.0.1:80', 'open')
      simulation.run()
      tell(2, '5.0.0.1:4001', 'hairpin')
      simulation.run()
      expect(got.at(-1)).toBe(hairpinning ? '1 hears hairpin from 5.0.0.1:5000' : 'hairpin of 2: NAT does not hairpin')
    }
  })

  test('passes through a NAT behind a NAT, both ways', () => {
    const { simulation, got, tell } = network(
      [server, { ...home, nat: 1 }],
      [{ ip: '5.0.0.1' }, { ip: '100.64.0.2', nat: 0 }],
    )
    tell(1, '1.0.0.1:80', 'hello')
    simulation.run()
    tell(0, '5.0.0.1:4001', 'answer')
    simulation.run()
    expect(got).toEqual(['0 hears hello from 5.0.0.1:4001', '1 hears answer from 1.0.0.1:80'])
  })

  test('lets an attacker lie about its source, unless a NAT is in the way, and nobody else', () => {
    const public2 = { ip: '2.0.0.1', port: 90 }
    const { simulation, got, tell } = network(
      [server, public2, home, { ip: '3.0.0.1', port: 90 }],
      [{ ip: '5.0.0.1' }],
      [1, 2],
    )
    tell(1, '1.0.0.1:80', 'spoofed', { as: '7.7.7.7:7' })
    simulation.run()
    tell(2, '1.0.0.1:80', 'translated', { as: '7.7.7.7:7' })
    simulation.run()
    expect(got).toEqual(['0 hears spoofed from 7.7.7.7:7', '0 hears translated from 5.0.0.1:7'])
    expect(() => tell(3, '1.0.0.1:80', 'x', { as: '7.7.7.7:7' })).toThrow('node 3 is no attacker')
  })

  test.each([
    [[{ ip: '1.2.3' }], [], '"1.2.3" is no IPv4 address'],
    [[{ ip: '1.2.3.256' }], [], '"1.2.3.256" is no IPv4 address'],
    [[{ port: 0 }], [], 'port is 0'],
    [[{ nat: 3 }], [], 'node 0 is behind NAT 3, which is not there yet'],
    [[{}], [{ nat: 0 }], 'NAT 0 is behind NAT 0, which is not there yet'],
    [[{ ip: '1.0.0.1' }, { ip: '1.0.0.1' }], [], '1.0.0.1 is given twice in one network'],
  ])('refuses sites %j behind %j', (sites, nats, message) => {
    expect(() => new Internet(1, sites, nats)).toThrow(message)
  })
})

describe('a run without endpoints', () => {
  test('has no ports to send from', () => {
    const simulation = new Simulation({ seed: 1, topology: complete(2), protocol: teller })
    simulation.runUntil(0)
    const command = { type: 'tell', to: 1, text: 'x', port: 5 } as Message
    expect(() => simulation.command(0, command)).toThrow('fromPort is 5, but this run has no ports')
  })

  test('lets attackers lie as well', () => {
    const simulation = new Simulation({ seed: 1, topology: complete(3), protocol: teller, attackers: new Set([0]) })
    simulation.runUntil(0)
    const heard: unknown[] = []
    simulation.observe({ onReport: (_time, at, _event, detail) => void heard.push([at, detail]) })
    simulation.command(0, { type: 'tell', to: 1, text: 'x', as: 2 } as Message)
    simulation.run()
    expect(heard).toEqual([[1, { from: 2, text: 'x' }]])
  })
})
