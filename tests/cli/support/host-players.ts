import {
  complete,
  denseAddresses,
  Simulation,
  type Command,
  type Data,
  type Host,
  type Message,
  type Observer,
  type Protocol,
} from '@peerlab/engine'
import { LiveLoop } from '../../../cli/live/live-loop.ts'
import { LiveNetwork } from '../../../cli/live/live-network.ts'

/** Makes the protocol of a node; `note` writes something down. */
export type Script = (host: Host, note: (line: Data) => void) => Protocol<Message, Command>

export interface Played {
  readonly notes: readonly Data[]
  readonly reports: readonly Data[]
  readonly failure: unknown
  readonly hosts: readonly Host[]
}

/** Runs two nodes, with an own protocol each, until nothing is left to do or a handler throws. */
export type Play = (scripts: readonly [Script, Script], command?: Command) => Promise<Played>

/** Of all runs. */
export const seed = 5
const topology = complete(2)
export const silent: Script = () => ({ onMessage: () => {} })

class Recording implements Played, Observer {
  readonly notes: Data[] = []
  readonly reports: Data[] = []
  readonly hosts: Host[] = []
  readonly #scripts: readonly Script[]
  failure: unknown = undefined

  constructor(scripts: readonly Script[]) {
    this.#scripts = scripts
  }

  make = (host: Host<never>, node: number): Protocol<never, never> => {
    this.hosts[node] = host as unknown as Host
    return this.#scripts[node]!(this.hosts[node], (line) => void this.notes.push(line)) as unknown as Protocol<
      never,
      never
    >
  }

  onReport(_time: number, node: number, event: string, detail: Data | undefined): void {
    this.reports.push([node, event, detail ?? null])
  }
}

export const simulated: Play = async (scripts, command) => {
  const recording = new Recording(scripts)
  const simulation = new Simulation({ seed, topology, protocol: recording.make, strict: true })
  simulation.observe(recording)
  try {
    simulation.runUntil(0)
    if (command !== undefined) simulation.command(0, command)
    simulation.run()
  } catch (error) {
    recording.failure = error
  }
  return recording
}

export const live: Play = async (scripts, command) => {
  const recording = new Recording(scripts)
  const loop = new LiveLoop()
  const network = new LiveNetwork({ loop, seed, topology, addresses: denseAddresses(topology.size) })
  await network.start()
  const ended = new Promise<void>((resolve) => {
    loop.onPause = () => network.isIdle && resolve()
    loop.onFailure = (error) => {
      recording.failure = error
      resolve()
    }
  })
  loop.observers.push(recording)
  loop.begin()
  for (const host of network.hosts) host.start(recording.make)
  if (command !== undefined) network.hosts[0]!.command(command)
  await ended
  await network.stop()
  return recording
}
