import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { ChannelAbused, LineChannel, maxLength } from './line-channel.ts'
import type { Ask } from './remote-subject.ts'

/** How a thread that may wait asks a sandbox. */
export type Connection =
  /** Blocking descriptors of named pipes: the quicker way, where there are such pipes. */
  | { readonly kind: 'pipes'; readonly input: number; readonly output: number }
  /** The main thread carries the lines; `bell` counts the answers. */
  | { readonly kind: 'bridge'; readonly port: MessagePort; readonly bell: Int32Array }

export function askOver(connection: Connection): Ask {
  if (connection.kind === 'pipes') {
    const channel = new LineChannel(connection)
    return (line) => (channel.write(line) ? channel.read() : undefined)
  }
  const { port, bell } = connection
  return (line) => {
    const before = Atomics.load(bell, 0)
    port.postMessage(line)
    Atomics.wait(bell, 0, before)
    const answer = (receiveMessageOnPort(port) as { readonly message: string | null | undefined } | undefined)?.message
    if (answer === null) throw new ChannelAbused(`it said more than it was asked for, or more than ${maxLength} bytes`)
    return answer
  }
}
