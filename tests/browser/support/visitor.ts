import type { Browser, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { launchBrowser } from '../../support/find-browser.ts'

export type Scheme = 'light' | 'dark'

export const schemes: readonly Scheme[] = ['light', 'dark']

/** The clipboard is read by the tests. To allow something denies all else, so what Slidev asks for is here as well. */
const allowed = ['clipboard-read', 'clipboard-write', 'screen-wake-lock']

/** A person at a projector: a browser, and what went wrong in any page of it. */
export class Visitor {
  /** Errors of the console, and requests that left the machine. */
  readonly troubles: string[] = []
  readonly #browser: Browser
  readonly #url: string

  private constructor(browser: Browser, url: string) {
    this.#browser = browser
    this.#url = url
  }

  /** Waits until the site answers: the first one to ask has to wait for its build. */
  static async at(url: string): Promise<Visitor> {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`)
    return new Visitor(await launchBrowser(), url)
  }

  /** Opens an address below the site's own until the test ends, in a window of its own that may use the clipboard. */
  async open(address: string, colorScheme: Scheme = 'light'): Promise<Page> {
    const page = await this.openForAll(address, colorScheme)
    onTestFinished(() => page.context().close())
    return page
  }

  /** The same, but it stays until the visitor leaves: for tests that go on where the one before has ended. */
  async openForAll(address: string, colorScheme: Scheme = 'light'): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme })
    await context.grantPermissions(allowed)
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') this.troubles.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.troubles.push(`${page.url()}: ${error.message}`))
    page.on('request', (request) => {
      if (!/^(?:blob|data):|^http:\/\/(?:127\.0\.0\.1|localhost):/.test(request.url()))
        this.troubles.push(`${page.url()}: a request to ${request.url()}`)
    })
    page.setDefaultTimeout(60_000)
    await page.goto(this.#url + address)
    await page.locator('.slidev-page, .playground').locator('visible=true').first().waitFor()
    return page
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}
