import { findBrowser } from './find-browser.ts'

/** Once, before the browser tests begin: two of them installing a browser at the same time would be in each other's way. */
export function setup(): void {
  findBrowser()
}
