import type { Browser } from 'playwright-core'
import type { SlideServer } from '../start/slide-server.ts'
import { layOutSlides, slideSize, type LayOutOptions } from './lay-out-slides.ts'
import { survey, type Survey } from './survey.ts'

/** A printed deck. */
export interface Printed {
  readonly pdf: Uint8Array
  readonly pages: number
  /** The numbers of slides on which a demo shows a problem in the place of a run. */
  readonly broken: readonly number[]
  /** The numbers of slides with a demo that names no frame, and so is printed at its beginning. */
  readonly unframed: readonly number[]
}

/** Prints all slides of a server, each demo at the frame that its slide asks for. */
export async function printSlides(browser: Browser, server: SlideServer, options?: LayOutOptions): Promise<Printed> {
  const page = await layOutSlides(browser, server, options)
  // Otherwise an empty page would follow the last one.
  await page.addStyleTag({ content: '.print-slide-container:last-child { break-after: auto }' })
  const { pages, broken, unframed } = await page.evaluate<Survey>(survey)
  const how = { printBackground: true, preferCSSPageSize: true, tagged: true, outline: true }
  return { pdf: await page.pdf({ ...slideSize, ...how }), pages, broken, unframed }
}
