import {
  complete,
  Reflector,
  Simulation,
  type Address,
  type Answer,
  type AttackerHost,
  type Message,
  type Protocol,
  type Query,
  type ReflectorOptions,
} from '@peerlab/engine'

/** Node 0 asks node 1, the reflector, under the address of node 2, or under its own. */
export class Reflection {
  readonly simulation: Simulation
  /** What came to each node. */
  readonly answers: Answer[][] = [[], [], []]
  readonly reports: string[] = []

  constructor(options: ReflectorOptions) {
    this.simulation = new Simulation({
      seed: 1,
      topology: complete(3),
      bandwidth: () => ({ up: Infinity, down: Infinity }),
      attackers: new Set([0]),
      protocol: (host, node) => (node === 1 ? new Reflector(host as never, options) : this.#asker(host as never, node)),
    })
    this.simulation.observe({ onReport: (_time, _node, event) => this.reports.push(event) })
    this.simulation.runUntil(0)
  }

  /** Sends these messages to the reflector and waits for all that comes. */
  ask(messages: readonly Message[], as: 0 | 2): this {
    this.simulation.command(0, { type: 'ask', messages, as } as never)
    this.simulation.run()
    return this
  }

  /** Payload that came to this node over payload that node 0 has sent. */
  factorTo(node: number): number {
    const header = 28
    const sent = this.simulation.bytes(0).sent - header * this.#queries
    return (this.simulation.bytes(node).received - header * this.answers[node]!.length) / sent
  }

  #queries = 0

  #asker(host: AttackerHost, node: number): Protocol<never, never> {
    const asker: Protocol<Message, never> & { onCommand(command: unknown): void } = {
      onMessage: (_from, message) => void this.answers[node]!.push(message as Answer),
      onCommand: (command) => {
        const { messages, as } = command as { readonly messages: readonly Query[]; readonly as: Address }
        this.#queries += messages.length
        for (const message of messages) host.sendAs(as, 1 as Address, message)
      },
    }
    return asker as unknown as Protocol<never, never>
  }
}

/** A query of a hundred bytes and a few. */
export const query: Query = { type: 'query', payload: new Uint8Array(100) }
