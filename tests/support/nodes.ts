import {
  complete,
  constantLatency,
  Simulation,
  type Address,
  type Command,
  type Host,
  type Message,
  type Observer,
  type Protocol,
  type SimulationOptions,
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
    seed: 1,
    topology: complete(4),
    protocol: silent,
    latency: constantLatency(10),
    ...options,
  })
  simulation.runUntil(0)
  return simulation
}

/** Tells a {@link talker} to send these messages to one node, in one handler. */
export interface Say extends Command {
  readonly type: 'say'
  readonly to: number
  readonly messages: readonly Message[]
}

/** Nodes that send what they are told to and report what they get. */
export const talker = node(() => ({
  onCommand: (host, command) => {
    const { to, messages } = command as Say
    for (const message of messages) host.send(to as Address, message)
  },
  onMessage: (host, from, message) => host.report('got', { from, message: message as never }),
}))

/** Lets a talker send; messages that are names are made `{ type: name }`. */
export function say(simulation: Simulation, from: number, to: number, ...messages: (string | Message)[]): void {
  const whole = messages.map((message) => (typeof message === 'string' ? { type: message } : message))
  simulation.command(from, { type: 'say', to: simulation.addresses.addressOf(to), messages: whole } as Say)
}

/** What talkers got, in order: time, way and message. */
export function received(simulation: Simulation): { time: number; from: number; to: number; message: Message }[] {
  const list: { time: number; from: number; to: number; message: Message }[] = []
  simulation.observe({
    onReport: (time, to, event, detail) => {
      if (event === 'got') list.push({ time, to, ...(detail as unknown as { from: number; message: Message }) })
    },
  })
  return list
}

/** One line for each thing that happened, as tests compare them: `12 message 0→3 hello`, `12 lost 0→3 loss`. */
export function journal(simulation: Simulation): string[] {
  const lines: string[] = []
  const name = (subject: unknown): string =>
    typeof subject === 'string' ? subject : ((subject as Message | undefined)?.type ?? '')
  const observer: Observer = {
    onEvent: (_number, time, kind, at, peer, subject) => {
      lines.push(`${time} ${kind} ${peer < 0 ? '' : `${peer}→`}${at} ${name(subject)}`.trim())
    },
    onDrop: (time, from, to, _message, reason) => {
      lines.push(`${time} lost ${from}→${to} ${reason}`)
    },
    onReport: (time, at, event) => {
      lines.push(`${time} report ${at} ${event}`)
    },
  }
  simulation.observe(observer)
  return lines
}
