import type { ReadStream } from 'node:tty'

/** Calls back with each key, as text, until it is stopped. Where nobody types there are no keys. */
export function onKeys(input: ReadStream, act: (key: string) => void): () => void {
  if (!input.isTTY) return () => undefined
  const hear = (data: Buffer): void => act(data.toString())
  input.setRawMode(true)
  input.resume()
  input.on('data', hear)
  return () => {
    input.off('data', hear)
    input.setRawMode(false)
    input.pause()
  }
}

export const controlC = '\u0003'
