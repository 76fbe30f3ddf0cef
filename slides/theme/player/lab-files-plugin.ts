import { join } from 'node:path'

/** The part of Vite's development server that is used here. */
interface DevServer {
  readonly watcher: { add(path: string): void }
}

/**
 * Where a player finds the labs: in the workspace, like the command, and not beside the slides. A lab file imports
 * `@peerlab/engine/lab`, which a workspace outside of the project does not have, so that comes from the project.
 */
export function labFilesPlugin(project: string, workspace: string) {
  const labs = join(workspace, 'labs')
  return {
    name: 'peerlab:lab-files',
    config: () => ({
      resolve: {
        alias: [
          { find: /^@peerlab\/labs\//, replacement: `${labs.replaceAll('\\', '/')}/` },
          { find: '@peerlab/engine/lab', replacement: join(project, 'engine', 'lab.ts') },
        ],
      },
      server: { fs: { allow: [labs] } },
    }),
    configureServer(server: DevServer): void {
      server.watcher.add(labs)
    },
  }
}
