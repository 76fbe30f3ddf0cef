/** Every word that the theme itself puts on a slide, in one place. The decks' own words are in the decks. */
export const strings = {
  plan: {
    label: 'Plan for the presenter',
    thisSlide: (slide: number, minutes: number) => `Slide ${slide} of this deck: ${minutes} min`,
    soFar: (from: number, to: number, all: number) => `planned: minute ${from} to ${to} of ${all}`,
    part: (name: string, minutes: number) => `part “${name}”: ${minutes} min`,
    optional: 'optional',
    core: 'core',
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
    first: 'First question',
    keys: (options: number) => `Keys 1 to ${options} choose`,
  },
  lab: { handOver: 'Now you', minutes: (core: number) => `${core} minutes for the core` },
  transfer: 'Transfer case',
}
