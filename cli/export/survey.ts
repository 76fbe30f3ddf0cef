/** What is on the page with all slides. Slides are given by their numbers, each once. */
export interface Survey {
  /** How many pages there are: one for a slide, or one for each of its clicks. */
  readonly pages: number
  /** Not loaded yet, or with a demo that has no frame yet. */
  readonly unfinished: readonly number[]
  /** With a demo that shows a problem in the place of a run. */
  readonly broken: readonly number[]
  /** With a demo that names no frame, and so shows its beginning. */
  readonly unframed: readonly number[]
}

/**
 * Shared by the expressions below, which are text because the types of a page are not those of this program. Which frame
 * a demo asks for only its slide knows, by the property `at` (ms); Vue's development mode, which serves the page, keeps
 * it with the element.
 */
const reader = `
  const slides = [...document.querySelectorAll('.print-slide-container')]
  const demosOf = (slide) => [...slide.querySelectorAll('.demo, .compare')]
  const frameOf = (demo) => demo.__vueParentComponent?.vnode.props?.at`

/**
 * A slide is loaded when its layout is there; a demo has its frame when its run is there, which two side by side show by
 * their curves. The id of a slide begins with its number: `012-01`.
 */
export const survey = `(() => {
  ${reader}
  const isBroken = (demo) => demo.querySelector('[role=alert]') !== null
  const isDrawn = (curve) => (curve.getAttribute('points') ?? '') !== ''
  const hasRun = (demo) =>
    demo.matches('.demo')
      ? demo.getAttribute('aria-busy') !== 'true'
      : [...demo.querySelectorAll('section')].every((side) => isBroken(side) || [...side.querySelectorAll('.curve')].every(isDrawn))
  const isFinished = (slide) =>
    slide.querySelector('.slidev-layout') !== null && demosOf(slide).every((demo) => isBroken(demo) || hasRun(demo))
  const numbers = (some) => [...new Set(some.map((slide) => Number.parseInt(slide.id, 10)))]
  const having = (what) => numbers(slides.filter((slide) => demosOf(slide).some(what)))
  return {
    pages: slides.length,
    unfinished: numbers(slides.filter((slide) => !isFinished(slide))),
    broken: having(isBroken),
    unframed: having((demo) => frameOf(demo) === undefined),
  }
})()`

/** Whether all slides can be printed. */
export const isComplete = `(({ pages, unfinished }) => pages > 0 && unfinished.length === 0)(${survey})`

/** Moves each demo to the frame that its slide asks for, as a hand on its scrubber would. */
export const showFrames = `(() => {
  ${reader}
  for (const demo of slides.flatMap(demosOf)) {
    const scrubber = demo.querySelector('.scrubber')
    if (frameOf(demo) === undefined || scrubber === null) continue
    scrubber.value = frameOf(demo)
    scrubber.dispatchEvent(new Event('input', { bubbles: true }))
  }
})()`

/** Waits until what is there is drawn as well. */
export const untilDrawn = `document.fonts.ready.then(
  () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
).then(() => undefined)`

/**
 * Put into the page before its own code: here all demos of a deck run at once, so each takes far longer than on a slide,
 * and a time-out of seconds, which is there to catch endless loops, must wait longer as well.
 */
export const moreTime = `{
  const original = window.setTimeout
  window.setTimeout = (what, time, ...rest) => original(what, time >= 1000 ? 15 * time : time, ...rest)
}`
