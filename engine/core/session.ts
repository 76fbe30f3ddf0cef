import type { RunBounds, StopReason } from './simulation-options.ts'
import type { Simulation } from './simulation.ts'
import { maxMillis, type Millis } from './time.ts'

/** Something that comes from outside, and when. */
export interface Recorded<Input> {
  readonly time: Millis
  /** How many events had been dispatched. Left out in a plan: then it comes after all events up to and at `time`. */
  readonly after?: number
  readonly input: Input
}

/** What a session plays: a simulation, and whatever watches it. */
export interface Playable {
  readonly simulation: Simulation
}

export interface SessionOptions<World extends Playable, Input> {
  /** Makes the run from its beginning, the same each time. */
  readonly create: () => World
  /** Does to the run what the input says. */
  readonly apply: (world: World, input: Input) => void
  /** Inputs of an earlier run or of a plan, in order of time. */
  readonly recorded?: readonly Recorded<Input>[]
}

/**
 * A run that people touch. Every input is recorded with its place, so the run can go to any moment, forwards by running
 * and backwards by running again. An input in the past begins a branch: what was recorded after that moment is forgotten.
 */
export class Session<World extends Playable, Input> {
  readonly #options: SessionOptions<World, Input>
  #recorded: readonly Recorded<Input>[]
  #applied = 0
  #world: World

  constructor(options: SessionOptions<World, Input>) {
    this.#options = options
    this.#recorded = options.recorded ?? []
    this.#world = options.create()
  }

  /** The run at the present moment. Another object after a seek to an earlier one. */
  get world(): World {
    return this.#world
  }

  get simulation(): Simulation {
    return this.#world.simulation
  }

  /** All inputs: those that happened and those that are still to come in a replay. */
  get recorded(): readonly Recorded<Input>[] {
    return this.#recorded
  }

  /** Does something now, and records it. Forgets the recorded inputs that were still to come. */
  perform(input: Input): void {
    const { simulation } = this
    if (simulation.events === 0) simulation.runUntil(0) // what people touch has started
    const place = { time: simulation.now, after: simulation.events }
    this.#options.apply(this.#world, input)
    this.#recorded = [...this.#recorded.slice(0, this.#applied), { ...place, input }]
    this.#applied++
  }

  /** One event, or one recorded input that is due before it. False when there is nothing left. */
  step(): boolean {
    const next = this.#next
    if (next === undefined || !this.#isDue(next)) return this.simulation.step()
    this.#applyNext(next)
    return true
  }

  /** Like {@link Simulation.run}, with the recorded inputs in their places. It is not over while inputs are to come. */
  run({ until = maxMillis, maxEvents = Infinity, isOver }: RunBounds = {}): StopReason {
    const lastEvent = this.simulation.events + maxEvents
    for (;;) {
      const next = this.#next
      const left = lastEvent - this.simulation.events
      if (next === undefined || next.time > until) return this.simulation.run({ until, maxEvents: left, isOver })
      if (left <= 0) return 'events'
      if (!this.#isDue(next)) {
        const missing = (next.after ?? Infinity) - this.simulation.events
        if (missing < 0 || next.time < this.simulation.now) this.#refuse(next)
        this.simulation.run({ until: next.time, maxEvents: Math.min(left, missing) })
        // Beyond it where the last event was a control that had another one dispatched.
        if (this.simulation.events >= lastEvent) return 'events'
        if (!this.#isDue(next)) this.#refuse(next)
      }
      this.#applyNext(next)
    }
  }

  /** Goes to the state after all that happens up to and at `time`, back or forth. */
  seek(time: Millis): void {
    if (time < this.simulation.now) this.#startAgain()
    this.run({ until: time })
  }

  /** Goes to the state right after event `number`; 0 is the beginning. */
  seekEvent(number: number): void {
    // An input that stands right after this event has happened already, if we are there.
    if (number <= this.simulation.events) this.#startAgain()
    if (number > this.simulation.events) this.run({ maxEvents: number - this.simulation.events })
  }

  /** A session of its own, at the same moment, that has the inputs up to here and not those to come. */
  branch(): Session<World, Input> {
    const session = new Session({ ...this.#options, recorded: this.#recorded.slice(0, this.#applied) })
    session.run({ maxEvents: this.simulation.events })
    for (let next = session.#next; next !== undefined; next = session.#next) session.#applyNext(next)
    session.simulation.advance(this.simulation.now)
    return session
  }

  /** The recorded input that comes next. */
  get #next(): Recorded<Input> | undefined {
    return this.#recorded[this.#applied]
  }

  /** Whether everything that comes before this input has happened. Where only the time says so, it passes. */
  #isDue({ time, after }: Recorded<Input>): boolean {
    const { simulation } = this
    return after === undefined ? time >= simulation.now && simulation.advance(time) : simulation.events === after
  }

  #applyNext(next: Recorded<Input>): void {
    const { simulation } = this
    // Moves the clock. An event on the way, or a clock past it, means that the recording is of another run.
    if (next.time < simulation.now || !simulation.advance(next.time)) this.#refuse(next)
    this.#options.apply(this.#world, next.input)
    this.#applied++
  }

  #refuse({ time, after }: Recorded<Input>): never {
    const { simulation } = this
    throw new RangeError(
      `recorded input ${this.#applied + 1} belongs at ${time} ms${after === undefined ? '' : ` after event ${after}`}, but ` +
        `this run is at ${simulation.now} ms after event ${simulation.events}: the recording is of another run or version`,
    )
  }

  #startAgain(): void {
    this.#world = this.#options.create()
    this.#applied = 0
  }
}
