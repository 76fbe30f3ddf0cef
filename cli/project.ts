import { fileURLToPath } from 'node:url'

/** The folder that holds the whole project, wherever the command was called from. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url))

/** Where the labs and the progress of whoever works on them are: the project itself, unless PEERLAB_WORKSPACE says. */
export const workspaceRoot = process.env['PEERLAB_WORKSPACE'] ?? projectRoot
