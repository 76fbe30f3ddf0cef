import { unwatchFile, watchFile } from 'node:fs'
import { newsEvent, questionEvent, type ProgressNews } from './news.ts'
import { progressFileIn, readLabProgress } from './lab-progress.ts'

/** The part of Vite's development server that is used here. */
interface DevServer {
  readonly ws: Client & { on(event: string, listener: (data: unknown, client: Client) => void): void }
  readonly httpServer: { once(event: 'close', listener: () => void): unknown } | null
}

interface Client {
  send(event: string, data: ProgressNews): void
}

/** Between two looks at the file, in ms. Looking needs neither the file nor its folder, and no system watcher. */
const interval = 500

/** Tells the overview the student's progress: when a page asks, and whenever the file changes, comes or goes. */
export function progressPlugin(workspace: string) {
  return {
    name: 'peerlab:progress',
    apply: 'serve' as const,
    configureServer({ ws, httpServer }: DevServer): void {
      const file = progressFileIn(workspace)
      const tellAll = (): void => ws.send(newsEvent, readLabProgress(workspace))
      ws.on(questionEvent, (_data, client) => client.send(newsEvent, readLabProgress(workspace)))
      watchFile(file, { interval, persistent: false }, tellAll)
      httpServer?.once('close', () => unwatchFile(file, tellAll))
    },
  }
}
