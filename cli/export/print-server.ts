/**
 * A process of its own: `print-server.ts <deck> --port <number>` serves a deck for printing. Slidev has the page with all
 * slides on it in its export mode only, and gives that mode to nobody but its own export command.
 */
import { join } from 'node:path'
import { createServer, resolveOptions } from '@slidev/cli'
import { projectRoot } from '../project.ts'

/**
 * Tells a slide that it is printed: `$renderContext` is then `print`. Slidev 53 has the word, but gives its printed slides
 * the context of those that are shown.
 */
const printContext = {
  name: 'peerlab:print-context',
  enforce: 'pre' as const,
  transform(code: string, id: string): string | undefined {
    if (!id.endsWith('/internals/PrintSlideClick.vue')) return undefined
    const told = code.replace('<SlideWrapper', '<SlideWrapper render-context="print"')
    if (told !== code) return told
    throw new Error(`${id} has no <SlideWrapper>: look how this version of Slidev prints a slide`)
  },
}

const [entry, , port] = process.argv.slice(2)
const options = await resolveOptions({ entry: entry! }, 'export')
const server = await createServer(options, {
  plugins: [printContext],
  // A deck that is edited meanwhile is printed as it was.
  server: { port: Number(port), strictPort: true, watch: null },
  // Otherwise slides that are presented meanwhile would be made anew.
  cacheDir: join(projectRoot, 'node_modules', '.vite-print'),
})
await server.listen()
