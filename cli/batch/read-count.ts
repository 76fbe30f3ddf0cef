import { WrongUse } from '../failure.ts'

/** The value of an option that counts something; undefined where it was not given. */
export function readCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const count = /^\d+$/.test(text.trim()) ? Number(text) : NaN
  const most = option === '--jobs' ? 1024 : Number.MAX_SAFE_INTEGER
  if (count >= 1 && count <= most) return count
  throw new WrongUse(`${option} cannot be "${text}".`, `It must be a whole number from 1 to ${most}.`)
}
