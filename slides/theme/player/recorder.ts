import {
  inWords,
  type Command,
  type EventKind,
  type Message,
  type Observer,
  type Run,
  type Scenario,
  type Topology,
} from '@peerlab/engine'
import { float64, int32, uint8 } from './columns.ts'
import { layOut } from './layout.ts'
import { fates, type RecordingData } from './recording.ts'

/** More log lines than this are not kept; nobody reads them, and they are the dearest part. */
const maxLog = 100_000

/** More links than this are a grey square: they are left out. */
const maxLinks = 20_000

/** A chart has this many samples at least, where there are so many events. */
const samplesWanted = 600

/** A packet that is lost on the way is seen to leave, and to end after this long, in ms. */
const lostFlight = 25

/** Watches a run in the worker and keeps what a player draws. */
export class Recorder implements Observer {
  readonly #scenario: Scenario
  readonly #stateIds: readonly string[]
  readonly #messageTypes: string[] = []
  #run: Run | undefined
  #states: Uint8Array = new Uint8Array(0)
  #touched = -1
  #touchedAll = false
  #time = 0
  #sampleEvery = 1
  #sinceSample = 0
  #arrived = -1
  /** By a packet's sequence number: its place in the columns, plus one. */
  #places = new Int32Array(1024)
  readonly #packets = {
    from: int32(),
    to: int32(),
    sent: float64(),
    arrival: float64(),
    cause: float64(),
    type: uint8(),
    fate: uint8(),
    mark: uint8(),
  }
  readonly #changes = { time: float64(), node: int32(), state: uint8() }
  readonly #sampleTimes = float64()
  readonly #sampleValues = new Map<string, ReturnType<typeof float64>>()
  readonly #log = { number: float64(), time: float64(), node: int32(), peer: int32() }
  readonly #logKinds: EventKind[] = []
  readonly #logTexts: string[] = []
  #logLeftOut = 0

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#stateIds = scenario.states.map(({ id }) => id)
  }

  /** To be called once the run is there, before its first event. */
  watch(run: Run): void {
    this.#run = run
    this.#states = new Uint8Array(run.session.simulation.size)
    for (const { name } of this.#scenario.measures) this.#sampleValues.set(name, float64())
  }

  onEvent(
    number: number,
    time: number,
    kind: EventKind,
    node: number,
    peer: number,
    subject: unknown,
    _cause: number,
    sequence: number,
  ): void {
    this.#settle()
    this.#time = time
    this.#touched = node
    // A command or a control can change what counts: then every node is looked at.
    this.#touchedAll = kind === 'command' || kind === 'control'
    this.#arrived = kind === 'message' ? this.#land(sequence, time) : -1
    this.#keepLog(number, time, kind, node, peer, subject)
  }

  onSend(
    time: number,
    from: number,
    to: number,
    message: Message,
    arrival: number,
    cause: number,
    sequence: number,
  ): void {
    if (sequence >= this.#places.length) {
      const larger = new Int32Array(Math.max(2 * this.#places.length, sequence + 1))
      larger.set(this.#places)
      this.#places = larger
    }
    this.#places[sequence] = this.#keepPacket(time, from, to, message, arrival, cause, fates.delivered) + 1
  }

  onDrop(
    time: number,
    from: number,
    to: number,
    message: Message,
    _reason: string,
    cause: number,
    sequence: number,
  ): void {
    const place = this.#land(sequence, time)
    if (place >= 0) {
      this.#packets.fate.set(place, fates.lost)
    } else if (to >= 0) {
      this.#keepPacket(time, from, to, message, time + lostFlight, cause, fates.lost)
    }
  }

  onReport(_time: number, _node: number, event: string): void {
    const mark = this.#scenario.presentation.marks.findIndex(({ report }) => report === event)
    if (mark < 0 || this.#arrived < 0) return
    this.#packets.fate.set(this.#arrived, fates.marked)
    this.#packets.mark.set(this.#arrived, mark)
  }

  /**
   * The recording so far.
   *
   * @param code names the lab file that ran, if one did
   */
  finish(code?: string): RecordingData {
    this.#settle()
    this.#sample()
    const run = this.#run!
    const { simulation } = run.session
    const { topology } = simulation
    const links = linksOf(topology)
    const remarks: string[] = []
    if (links.length === 0 && hasLinks(topology)) remarks.push('links are not drawn: there are too many to see')
    if (this.#logLeftOut > 0)
      remarks.push(`the log holds the first ${maxLog} events; ${this.#logLeftOut} more happened`)
    return {
      size: simulation.size,
      end: simulation.lastEventTime,
      events: simulation.events,
      fingerprint: simulation.fingerprint,
      code,
      links,
      positions: layOut(topology, run.parameters['topology']),
      messageTypes: this.#messageTypes,
      packets: withArrivals(taken(this.#packets)),
      changes: taken(this.#changes),
      samples: {
        time: this.#sampleTimes.take(),
        values: Object.fromEntries([...this.#sampleValues].map(([name, column]) => [name, column.take()])),
      },
      log: { ...taken(this.#log), kind: this.#logKinds, text: this.#logTexts },
      formula: run.world.curves(200).formula,
      remarks,
    }
  }

  /** After an event was handled: what has become of the nodes? */
  #settle(): void {
    const { world } = this.#run!
    if (this.#touchedAll) for (let node = 0; node < this.#states.length; node++) this.#look(node)
    else if (this.#touched >= 0) this.#look(this.#touched)
    this.#touched = -1
    this.#touchedAll = false
    if (++this.#sinceSample < this.#sampleEvery || world.simulation.events === 0) return
    this.#sample()
    // As the run grows, samples get sparser; the curve keeps its shape.
    if (this.#sampleTimes.length % samplesWanted === 0) this.#sampleEvery *= 2
  }

  #look(node: number): void {
    const state = this.#stateIds.indexOf(this.#run!.world.state(node))
    if (state < 0 || state === this.#states[node]) return
    this.#states[node] = state
    this.#changes.time.push(this.#time)
    this.#changes.node.push(node)
    this.#changes.state.push(state)
  }

  #sample(): void {
    this.#sinceSample = 0
    const measures = this.#run!.world.measures()
    this.#sampleTimes.push(this.#time)
    for (const [name, column] of this.#sampleValues) column.push(measures[name] ?? NaN)
  }

  #keepPacket(
    time: number,
    from: number,
    to: number,
    message: Message,
    arrival: number,
    cause: number,
    fate: number,
  ): number {
    let type = this.#messageTypes.indexOf(message.type)
    if (type < 0) type = Math.min(this.#messageTypes.push(message.type) - 1, 255)
    const packets = this.#packets
    packets.from.push(from)
    packets.to.push(to)
    packets.sent.push(time)
    packets.arrival.push(arrival)
    packets.cause.push(cause)
    packets.type.push(type)
    packets.fate.push(fate)
    packets.mark.push(0)
    return packets.from.length - 1
  }

  /** Ends the flight of the packet with this sequence number; its place in the columns, or -1 if it never left. */
  #land(sequence: number, time: number): number {
    const place = (this.#places[sequence] ?? 0) - 1
    if (place >= 0) this.#packets.arrival.set(place, time)
    return place
  }

  #keepLog(number: number, time: number, kind: EventKind, node: number, peer: number, subject: unknown): void {
    if (kind === 'start') return
    if (this.#logKinds.length >= maxLog) {
      this.#logLeftOut++
      return
    }
    this.#log.number.push(number)
    this.#log.time.push(time)
    this.#log.node.push(node)
    this.#log.peer.push(peer)
    this.#logKinds.push(kind)
    this.#logTexts.push(
      typeof subject === 'object' && subject !== null ? inWords(subject as Message | Command) : String(subject ?? kind),
    )
  }
}

/** Each link once, whichever way it goes. */
function linksOf(topology: Topology): Int32Array {
  const links: number[] = []
  for (let node = 0; node < topology.size; node++) {
    for (const peer of topology.neighbors(node)) {
      if (node < peer || !topology.neighbors(peer).includes(node)) links.push(node, peer)
      if (links.length > 2 * maxLinks) return new Int32Array(0)
    }
  }
  return Int32Array.from(links)
}

/** Where nodes find each other by themselves, the topology has none. */
function hasLinks(topology: Topology): boolean {
  for (let node = 0; node < topology.size; node++) if (topology.degree(node) > 0) return true
  return false
}

function withArrivals<T extends { readonly arrival: Float64Array }>(
  packets: T,
): T & { readonly arrivals: Float64Array } {
  return { ...packets, arrivals: packets.arrival.slice().sort() }
}

type Taken<T> = { readonly [K in keyof T]: T[K] extends { take(): infer R } ? R : never }

function taken<T extends { readonly [name: string]: { take(): unknown } }>(columns: T): Taken<T> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.take()])) as Taken<T>
}
