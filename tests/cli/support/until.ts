import { setImmediate } from 'node:timers/promises'

/** Waits for something that the other side of a connection brings about. The time limit of the test is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate()
}
