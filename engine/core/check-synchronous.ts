/** Throws where a handler gives a promise back: what is awaited would happen outside of virtual time. */
export function checkSynchronous(handler: string, result: unknown): void {
  if (result === undefined || typeof (result as { then?: unknown } | null)?.then !== 'function') return
  throw new TypeError(`${handler} returned a promise; handlers are synchronous, so remove async and await`)
}
