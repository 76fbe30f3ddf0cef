import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineVitePluginsSetup } from '@slidev/types'
import { labFilesPlugin } from '../player/lab-files-plugin.ts'

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

export default defineVitePluginsSetup(() => labFilesPlugin(project, process.env['PEERLAB_WORKSPACE'] ?? project))
