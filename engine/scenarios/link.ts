import type { Data } from '../core/data.ts'
import { describe } from '../core/errors.ts'
import type { Recorded } from '../core/session.ts'
import type { ActionInput } from './define-scenario.ts'
import { formatParameter, parseParameter, UnknownParameter } from './parameters.ts'
import { findScenario } from './registry.ts'
import { engineVersion } from '../core/version.ts'
import type { RunSpec } from './run.ts'

const scheme = 'peerlab:'

/** What a link may say beside the run itself, so that whoever opens it sees the same, or is told that it differs. */
export interface LinkNotes {
  /** Where the playhead stood, in ms. */
  readonly playhead?: number | undefined
  /** The fingerprint that the finished run had. */
  readonly fingerprint?: string | undefined
  /** Of the lab file that ran: the beginning of its SHA-256. */
  readonly code?: string | undefined
}

/** A link, read. */
export interface RunLink extends LinkNotes {
  readonly spec: RunSpec
  /** Of the engine that made the link; only where it has a fingerprint. */
  readonly version?: string | undefined
}

/**
 * A run as a link that people can read and paste:
 * `peerlab:gossip?seed=7&size=12&do=crash@250+31~{"node":3}&lab=03-gossip` is the scenario gossip with 12 nodes, in
 * which node 3 was crashed at 250 ms, after event 31 (without `+31`: after all events up to 250 ms).
 */
export function toLink(spec: RunSpec, { playhead, fingerprint, code }: LinkNotes = {}): string {
  const { scenario, seed, parameters = {}, actions = [], lab } = spec
  const definitions = findScenario(scenario).parameters
  const fields: [string, string][] = [['seed', String(seed)]]
  if (lab !== undefined) fields.push(['lab', lab])
  for (const [name, value] of Object.entries(parameters)) {
    if (!Object.hasOwn(definitions, name)) throw new UnknownParameter(name, Object.keys(definitions), scenario)
    fields.push([name, formatParameter(definitions[name]!, value)])
  }
  for (const { time, after, input } of actions) {
    const place = after === undefined ? `${time}` : `${time}+${after}`
    fields.push(['do', `${input.action}@${place}~${JSON.stringify(input.with)}`])
  }
  if (playhead !== undefined) fields.push(['at', String(playhead)])
  if (fingerprint !== undefined) fields.push(['fingerprint', fingerprint], ['version', engineVersion])
  if (code !== undefined) fields.push(['code', code])
  return `${scheme}${scenario}?${fields.map(([name, value]) => `${name}=${encode(value)}`).join('&')}`
}

/** Whether a text is meant as a link, be it a broken one. */
export function isLink(text: string): boolean {
  return text.startsWith(scheme)
}

/** The run of a link. Throws like {@link readLink}. */
export function fromLink(link: string): RunSpec {
  return readLink(link).spec
}

/** Reads a link. Throws with the part that is wrong; a link can come from anywhere. */
export function readLink(link: string): RunLink {
  if (!isLink(link)) throw new RangeError(`${describe(link)} is no link to a run; such links begin with ${scheme}`)
  const [id = '', query = ''] = link.slice(scheme.length).split(/\?(.*)/s)
  const definitions = findScenario(id).parameters
  const parameters: Record<string, unknown> = {}
  const actions: Recorded<ActionInput>[] = []
  let seed: number | undefined
  let lab: string | undefined
  const notes: { playhead?: number; fingerprint?: string; version?: string; code?: string } = {}
  for (const field of query.split('&').filter((part) => part !== '')) {
    const [name = '', raw = ''] = field.split(/=(.*)/s)
    const value = decode(name, raw)
    if (name === 'seed') seed = value === '' ? NaN : Number(value)
    else if (name === 'lab') lab = value
    else if (name === 'at') notes.playhead = parseTime(value)
    else if (name === 'fingerprint' || name === 'version' || name === 'code') notes[name] = value
    else if (name === 'do') actions.push(parseAction(value))
    else if (Object.hasOwn(definitions, name)) parameters[name] = parseParameter(name, definitions[name]!, value)
    else throw new UnknownParameter(name, Object.keys(definitions), id)
  }
  if (seed === undefined || !Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`the link's seed is ${describe(seed)}; it must be a whole number from 0`)
  }
  return { spec: { scenario: id, seed, parameters, actions, ...(lab === undefined ? {} : { lab }) }, ...notes }
}

function parseAction(text: string): Recorded<ActionInput> {
  const [, action, time, after, values] = /^([a-z-]+)@([\d.]+)(?:\+(\d+))?~(.*)$/s.exec(text) ?? []
  if (action === undefined) throw new RangeError(`the link has do=${describe(text)}; it must be action@time~{…}`)
  return {
    time: parseTime(time ?? ''),
    ...(after === undefined ? {} : { after: Number(after) }),
    input: { action, with: parseObject(values ?? '') },
  }
}

function parseTime(text: string): number {
  const time = text === '' ? NaN : Number(text)
  if (time >= 0 && Number.isFinite(time)) return time
  throw new RangeError(`the link has the time ${describe(text)}; it must be a number of milliseconds from 0`)
}

function parseObject(text: string): { readonly [name: string]: Data } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as { [name: string]: Data }
  } catch {
    // Falls through to the same message: the reader need not know how it is broken.
  }
  throw new RangeError(`the link has an action with ${describe(text)}; it must be JSON in braces`)
}

/** Leaves readable what a URL's query may hold. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/%(?:40|2C|3A|7E)/gi, decodeURIComponent)
}

function decode(name: string, raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    throw new RangeError(`the link's ${name} is ${describe(raw)}, with a broken % escape; copy the whole link again`)
  }
}
