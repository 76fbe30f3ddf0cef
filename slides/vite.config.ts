/** The part of Vite's development server that is used here. */
interface DevServer {
  readonly config: { readonly root: string }
  readonly watcher: { add(path: string): void }
}

// Vite watches the decks' folder only. The overview also tells which labs exist, so a lab that comes or goes
// while the slides are running has to reach it as well.
const watchLabs = {
  name: 'peerlab:watch-labs',
  configureServer(server: DevServer): void {
    server.watcher.add(`${server.config.root}/../labs`)
  },
}

export default { plugins: [watchLabs] }
