import { engineVersion } from '@peerlab/engine'
import type { Result } from '../run/outcome.ts'
import type { RunName } from './plan.ts'

interface Versioned {
  /** Of the engine: another one may make another run of the same seed. */
  readonly version: string
}

/** A run that came to its end. */
export interface FinishedRecord extends RunName, Versioned, Omit<Result, keyof RunName> {}

/** A run that broke, or did not end. */
export interface FailedRecord extends RunName, Versioned {
  readonly error: string
}

/** What a line of a sweep's file says. */
export type RunRecord = FinishedRecord | FailedRecord

export function isFailed(record: RunRecord): record is FailedRecord {
  return 'error' in record
}

/** One line, without its line break: what `peerlab run --json` says of the run, but for what the machine decides. */
export function finishedLine({ scenario, seed, parameters, ...rest }: Result): string {
  return JSON.stringify({ scenario, seed, parameters, version: engineVersion, ...rest })
}

export function failedLine({ scenario, seed, parameters }: RunName, error: string): string {
  return JSON.stringify({ scenario, seed, parameters, version: engineVersion, error })
}

/** Undefined for a line that no sweep has written. */
export function readRecord(line: string): RunRecord | undefined {
  const read = parse(line)
  if (!isObject(read) || typeof read['scenario'] !== 'string' || typeof read['version'] !== 'string') return undefined
  if (!Number.isSafeInteger(read['seed']) || !isObject(read['parameters'])) return undefined
  if ('error' in read) return typeof read['error'] === 'string' ? (read as unknown as FailedRecord) : undefined
  if (typeof read['fingerprint'] !== 'string' || !isObject(read['measures'])) return undefined
  if (!Object.values(read['measures']).every((value) => value === null || Number.isFinite(value))) return undefined
  return read as unknown as FinishedRecord
}

/** Whether a text that has no line break behind it can be the beginning of a line that a sweep began to write. */
export function isBeginningOfLine(text: string): boolean {
  const beginning = '{"scenario":"'
  return text.startsWith(beginning) || beginning.startsWith(text)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
