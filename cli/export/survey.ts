/** What is on the page with all slides. Slides are given by their numbers. */
export interface Survey {
  readonly all: readonly number[]
  /** Not loaded yet, or with a demo that has no frame yet. */
  readonly unfinished: readonly number[]
  /** With a demo that shows a problem in the place of a run. */
  readonly broken: readonly number[]
}

/**
 * An expression for the page, as text because the types of a page are not those of this program. A slide is loaded when
 * its layout is there; a demo has its frame when its curve is drawn. The id of a slide begins with its number: `012-01`.
 */
export const survey = `(() => {
  const slides = [...document.querySelectorAll('.print-slide-container')]
  const demosOf = (slide) => [...slide.querySelectorAll('.demo, .compare > section')]
  const isBroken = (demo) => demo.querySelector('[role=alert]') !== null
  const hasFrame = (demo) =>
    demo.getAttribute('aria-busy') !== 'true' &&
    [...demo.querySelectorAll('polyline.curve')].every((curve) => (curve.getAttribute('points') ?? '') !== '')
  const isFinished = (slide) =>
    slide.querySelector('.slidev-layout') !== null && demosOf(slide).every((demo) => isBroken(demo) || hasFrame(demo))
  const numbers = (some) => some.map((slide) => Number.parseInt(slide.id, 10))
  return {
    all: numbers(slides),
    unfinished: numbers(slides.filter((slide) => !isFinished(slide))),
    broken: numbers(slides.filter((slide) => demosOf(slide).some(isBroken))),
  }
})()`

/** Whether all slides can be printed. */
export const isComplete = `(({ all, unfinished }) => all.length > 0 && unfinished.length === 0)(${survey})`

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
