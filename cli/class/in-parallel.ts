/** How long a judge may take for one part before it counts as broken, and to give up when it is told to, in ms. */
const patience = { part: 600_000, stop: 5000 }

/** What the judge says; throws if it says nothing for so long that the others should not wait for it. */
export async function heard<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    const wait = (millis: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => reject(new Error(`the judge said nothing for ${millis / 1000} s`)), millis)
    }
    wait(patience.part)
    signal.addEventListener('abort', () => wait(patience.stop), { once: true })
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
    answer.catch(() => undefined) // nobody listens to it any more
  }
}

/** So many at the same time, in order. Returns when all that began has ended. */
export async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  signal: AbortSignal,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true && !signal.aborted; next = left.next()) await act(next.value)
  }
  await Promise.all(Array.from({ length: jobs }, worker))
}
