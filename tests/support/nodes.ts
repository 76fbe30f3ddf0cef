import {
  complete, constantLatency, Simulation,
  type Address, type Command, type Host, type Message, type Observer, type Protocol, type SimulationOptions,
} from '@peerlab/engine'

/** The handlers that a test cares for; the rest do nothing. */
export interface Handlers {
  readonly onStart?: (host: Host) => void
  readonly onCommand?: (host: Host, command: Command) => void
  readonly onMessage?: (host: Host, from: Address, message: Message) => void
  readonly onTimer?: (host: Host, name: string) => void
}

/** A protocol written in the test itself. Each call makes one instance, so a closure inside is that instance's memory. */
export function node(handlers: (node: number) => Handlers): SimulationOptions['protocol'] {
  return (host, index) => {
    const own = host as unknown as Host
    const { onStart, onCommand, onMessage, onTimer } = handlers(index)
    const protocol: Protocol<Message, Command> = {
      onStart: () => onStart?.(own),
      onCommand: (command) => onCommand?.(own, command),
      onMessage: (from, message) => onMessage?.(own, from, message),
      onTimer: (name) => onTimer?.(own, name),
    }
    return protocol as unknown as Protocol<never, never>
  }
}

/** Nodes that listen and say nothing. */
export const silent = node(() => ({}))

/** A started simulation on a complete graph with 10 ms on every link, unless told otherwise. */
export function startedSimulation(options: Partial<SimulationOptions> = {}): Simulation {
  const simulation = new Simulation({
    seed: 1, topology: complete(4), protocol: silent, latency: constantLatency(10), ...options,
  })
  simulation.runUntil(0)
  return simulation
}

/** One line for each thing that happened, as tests compare them: `12 message 0→3 hello`, `12 lost 0→3 loss`. */
export function journal(simulation: Simulation): string[] {
  const lines: string[] = []
  const name = (subject: unknown): string => (subject as Message | undefined)?.type ?? String(subject ?? '')
  const observer: Observer = {
    onEvent: (_number, time, kind, at, peer, subject) =>
      void lines.push(peer < 0 ? `${time} ${kind} ${at} ${name(subject)}`.trim() : `${time} ${kind} ${peer}→${at} ${name(subject)}`),
    onDrop: (time, from, to, _message, reason) => void lines.push(`${time} lost ${from}→${to} ${reason}`),
    onReport: (time, at, event) => void lines.push(`${time} report ${at} ${event}`),
  }
  simulation.observe(observer)
  return lines
}

/** The address of a node, as a test may ask for it; a protocol may not. */
export function addressOf(simulation: Simulation, index: number): Address {
  return simulation.addresses.addressOf(index)
}
