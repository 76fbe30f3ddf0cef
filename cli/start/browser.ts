import { spawn } from 'node:child_process'

/** Shows the address in the browser if there is one. If not, nothing happens: the address was printed. */
export function openBrowser(url: string): void {
  const [command, ...args] = opener(url)
  if (command === undefined) return
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

function opener(url: string): readonly string[] {
  if (process.platform === 'darwin') return ['open', url]
  // Without a shell: `cmd /c start` would take the & in a link for the end of a command.
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  const hasScreen = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined
  return hasScreen ? ['xdg-open', url] : []
}
