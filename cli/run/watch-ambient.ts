/** What a protocol must not use, and what the host has for it. */
const instead: { readonly [name: string]: string } = {
  'Math.random': 'host.random',
  'crypto.getRandomValues': 'host.random',
  'crypto.randomUUID': 'host.random',
  Date: 'host.now',
  'Date.now': 'host.now',
  'performance.now': 'host.now',
}

export interface AmbientCall {
  readonly name: string
  readonly instead: string
  /** In the handling of which event it was called first; 0 = before the first. */
  readonly event: number
}

/** Calls of clocks and unseeded randomness while the runs are at work: they are why two runs differ. */
export class AmbientWatch {
  readonly calls = new Map<string, AmbientCall>()

  /** Does the work with everything watched that is not from the seed. `eventNow` says which event is handled. */
  during<T>(eventNow: () => number, work: () => T): T {
    const note = (name: string): void => {
      if (!this.calls.has(name)) this.calls.set(name, { name, instead: instead[name]!, event: eventNow() })
    }
    const undo = [
      watchMethod(Math, 'random', () => note('Math.random')),
      watchMethod(performance, 'now', () => note('performance.now')),
      watchMethod(crypto, 'getRandomValues', () => note('crypto.getRandomValues')),
      watchMethod(crypto, 'randomUUID', () => note('crypto.randomUUID')),
      watchDate(note),
    ]
    try {
      return work()
    } finally {
      undo.forEach((restore) => restore())
    }
  }
}

function watchMethod<Name extends string>(
  owner: { [N in Name]: (...values: never[]) => unknown },
  name: Name,
  onCall: () => void,
): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name)
  const original = owner[name] as (...values: unknown[]) => unknown
  const watched = (...values: unknown[]): unknown => {
    onCall()
    return original.apply(owner, values)
  }
  Object.defineProperty(owner, name, { value: watched, configurable: true, writable: true })
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, own)
  }
}

/** A date that is made from a given moment is plain arithmetic and stays unnoticed. */
function watchDate(note: (name: string) => void): () => void {
  const original = globalThis.Date
  globalThis.Date = new Proxy(original, {
    construct(target, values: unknown[], newTarget) {
      if (values.length === 0) note('Date')
      return Reflect.construct(target, values, newTarget) as Date
    },
    apply(target, self, values: unknown[]) {
      note('Date')
      return Reflect.apply(target, self, values) as string
    },
    get(target, name, receiver) {
      if (name === 'now') note('Date.now')
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  return () => {
    globalThis.Date = original
  }
}
