import { Agent, get } from 'node:http'

export interface Page {
  readonly status: number
  readonly text: string
}

/** A page of a slide server is a few kilobytes; whoever sends more than this is no slide server. */
const maxLength = 1_000_000

/**
 * Asks a server on this computer for a page. Always directly: where the environment names a proxy, that one knows nothing
 * of this computer. Undefined: nobody there, or nobody who answers within `patience` (ms).
 */
export function askPage(url: string, patience: number): Promise<Page | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: new Agent(), signal: AbortSignal.timeout(patience) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        if (text.length > maxLength) request.destroy()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('close', () => resolve(undefined)) // does nothing after an end
    })
    request.on('error', () => resolve(undefined))
  })
}
