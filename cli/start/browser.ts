import { spawn } from 'node:child_process'
import type { Context } from '../context.ts'

/** Shows the address in the browser, when a person asked for it at a terminal. If that fails, it says so. */
export function showInBrowser({ out, err }: Context, url: string): void {
  if (!out.isTerminal) return
  const [command, ...args] = opener(url)
  const refuse = (): void => err.line('No browser could be opened here: open this address in one yourself.')
  if (command === undefined) return refuse()
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.once('error', refuse)
  // xdg-open tells when it has found none. On Windows the code says nothing, and a browser that stays is no failure.
  child.once('exit', (code) => {
    if (process.platform !== 'win32' && code !== null && code !== 0) refuse()
  })
  child.unref()
}

function opener(url: string): readonly string[] {
  if (process.platform === 'darwin') return ['open', url]
  // Without a shell: `cmd /c start` would take the & in a link for the end of a command.
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  const hasScreen = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined
  return hasScreen ? ['xdg-open', url] : []
}
