import { statfs } from 'node:fs/promises'
import { formatNumber } from '../format.ts'
import type { Finding } from './finding.ts'

const check = 'disk'
const megabyte = 1e6
const neededMegabytes = 500

/** For packages, caches and builds. */
export async function checkDisk(folder: string, measure: typeof statfs = statfs): Promise<Finding> {
  const { bavail, bsize } = await measure(folder)
  const free = Math.floor((bavail * bsize) / megabyte)
  const message = `${formatNumber(free)} MB are free on the disk of ${folder}.`
  if (free >= neededMegabytes) return { check, message }
  return { check, message, fix: `Delete something: ${neededMegabytes} MB should be free.` }
}
