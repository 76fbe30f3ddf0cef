/**
 * Does the work for every item, at most `width` at a time. When one fails or the signal comes, no further one is begun;
 * the promise settles when nothing is under way any more, so that nothing happens behind the caller's back.
 */
export async function forEachOf<T>(
  items: readonly T[],
  { width, signal }: { readonly width: number; readonly signal: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  let failure: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (const item of left) {
      if (failure !== undefined || signal.aborted) return
      try {
        await work(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  signal.throwIfAborted()
  if (failure !== undefined) throw failure.error
}
