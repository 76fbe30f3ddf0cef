import { basename, dirname, join } from 'node:path'

/** The part of Vite's development server that is used here. */
interface DevServer {
  readonly config: { readonly root: string }
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
const labs = {
  name: 'peerlab:labs',
  configureServer(server: DevServer): void {
    server.watcher.add(join(server.config.root, '..', 'labs'))
  },
  hotUpdate(this: Environment, { file, type }: Update): [] | undefined {
    if (type !== 'update' || basename(dirname(dirname(file))) !== 'labs' || !file.endsWith('.ts')) return undefined
    this.environment.hot.send('peerlab:lab-changed', basename(dirname(file)))
    return []
  },
}

export default {
  plugins: [labs],
  // Found when the server starts and not at the first demo, where it would reload the page.
  optimizeDeps: { include: ['vis-network/standalone', '@noble/hashes/sha2.js', '@noble/hashes/utils.js'] },
  worker: { format: 'es' as const },
  // A student's broken file has its message on the slide; Vite's own would cover the deck.
  server: { hmr: { overlay: false } },
}
