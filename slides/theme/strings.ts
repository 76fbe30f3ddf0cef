import type { Span } from './plan.ts'
import type { LabProgress } from './progress/news.ts'

/** Every word that the theme itself puts on a slide, in one place. The decks' own words are in the decks. */
export const strings = {
  plan: {
    label: 'Plan for the presenter',
    thisSlide: (slide: number, minutes: number) => `Slide ${slide}: ${minutes} min`,
    optional: 'optional',
    core: 'core',
    part: (name: string, all: number, core: number) =>
      `part “${name}”: ${all} min${core === all ? '' : `, core ${core}`}`,
    all: ({ from, to, of }: Span) => `everything: minute ${from} to ${to} of ${of}`,
    coreOnly: ({ from, to, of }: Span) => `core only: minute ${from} to ${to} of ${of}`,
    skipped: 'core only: skip this slide',
  },
  predict: {
    votesFor: (option: string) => `Hands for: ${option}`,
    hands: (votes: number) => (votes === 1 ? '1 hand' : `${votes} hands`),
    none: 'No hands were typed.',
    reveal: 'Show what happened',
    hide: 'Hide what happened',
    happened: 'this happened',
    legend: 'Type the hands for each answer',
    saidBefore: 'You said',
  },
  quiz: {
    progress: (question: number, questions: number) => `Question ${question} of ${questions}`,
    right: 'right',
    yours: 'your choice',
    reveal: 'Show the answer',
    next: 'Next question',
    keys: (options: number) => `Keys 1 to ${options} choose`,
  },
  overview: {
    modules: 'Module',
    labs: 'Labs',
    ready: 'ready',
    notYet: 'not yet',
    readyNow: (decks: string, labs: string) => `Ready: ${decks} modules, ${labs} labs.`,
    amount: (some: number, all: number) => `${some} of ${all}`,
    playground: 'Playground: run anything',
    progress: ({ passed, tasks, points, maxPoints }: LabProgress) =>
      points === undefined
        ? `${passed} of ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`
        : `${points} of ${maxPoints} points`,
    /** Under the table: where the numbers come from, or why there are none. */
    told: 'Each check of a lab changes your points here.',
    unreadable: 'Your progress file is broken. The next check of a lab writes a new one.',
    notTold: 'Started with npm start, this shows your points.',
  },
  source: (names: readonly string[]) => `${names.length === 1 ? 'Source' : 'Sources'}: ${names.join('; ')}`,
  lab: { handOver: 'Now you' },
  transfer: 'Transfer case',
}
