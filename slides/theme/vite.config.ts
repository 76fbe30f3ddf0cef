/** In the theme, so that a deck that is shown alone has it as well: Slidev reads the theme's and the deck's folder. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { labsPlugin } from './labs-plugin.ts'
import { progressPlugin } from './progress/progress-plugin.ts'

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export default {
  plugins: [labsPlugin(join(project, 'labs')), progressPlugin(process.env['PEERLAB_WORKSPACE'] ?? project)],
  // Found when the server starts and not at the first demo, where it would reload the page.
  optimizeDeps: { include: ['vis-network/standalone', '@noble/hashes/sha2.js', '@noble/hashes/utils.js'] },
  worker: { format: 'es' as const },
  // A student's broken file has its message on the slide; Vite's own would cover the deck.
  server: { hmr: { overlay: false } },
}
