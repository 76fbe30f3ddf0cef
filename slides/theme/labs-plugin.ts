import { basename, dirname } from 'node:path'

/** The part of Vite's development server that is used here. */
interface DevServer {
  readonly watcher: { add(path: string): void }
}

/** The part of Vite's hot update that is used here. */
interface Update {
  readonly file: string
  readonly type: 'create' | 'update' | 'delete'
}

interface Environment {
  readonly environment: { readonly hot: { send(event: string, data: string): void } }
}

/**
 * Vite watches the decks' folder only, and would reload the whole page for a file that a worker imports. Here a lab that
 * comes or goes reaches the overview, and a lab file that is saved is only told to the players: the slide, its demo and
 * its playhead stay, and run the new code.
 */
export function labsPlugin(labsFolder: string) {
  return {
    name: 'peerlab:labs',
    configureServer(server: DevServer): void {
      server.watcher.add(labsFolder)
    },
    hotUpdate(this: Environment, { file, type }: Update): [] | undefined {
      if (type !== 'update' || basename(dirname(dirname(file))) !== 'labs' || !file.endsWith('.ts')) return undefined
      this.environment.hot.send('peerlab:lab-changed', basename(dirname(file)))
      return []
    },
  }
}
