import type { Context } from '../context.ts'
import { SlideServer } from './slide-server.ts'

/** Serves a deck until Ctrl-C. `onReady` is told the address as soon as the server answers. */
export async function serveDeck(
  { err }: Context,
  deck: { readonly path: string },
  port: number,
  onReady: (url: string) => void | Promise<void>,
): Promise<void> {
  if (err.isTerminal) err.line('Starting the slides …')
  const server = new SlideServer(deck.path, port)
  await whileServing(server, async () => {
    if (!(await server.ready())) return
    await onReady(server.url)
    await server.ended()
  })
}

/** Does something with a server and ends it afterwards, however that went; Ctrl-C ends it at once. */
export async function whileServing(server: SlideServer, work: () => Promise<void>): Promise<void> {
  const stop = (): void => server.stop()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  try {
    await work()
  } finally {
    for (const signal of signals) process.off(signal, stop)
    server.stop()
  }
}
