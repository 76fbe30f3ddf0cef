/** Every text of the player, in one place. */
export const strings = {
  play: 'Play',
  pause: 'Pause',
  stepBack: 'One event back',
  stepForward: 'One event forward',
  restart: 'To the beginning',
  timeline: 'Virtual time',
  speed: 'Speed',
  seed: 'seed',
  newSeed: 'Another seed',
  more: 'More',
  close: 'Close',
  copyLink: 'Copy link',
  copied: 'Copied',
  working: (events: number) => `Computing: ${events.toLocaleString('en')} events so far`,
  problem: 'This run could not be made',
  tryAgain: 'Try again',
  repairLab: (lab: string) =>
    `Repair the file and save it: the run is made again. In a terminal, npx peerlab lab watch ${lab} shows where it fails.`,
  judgeLab: (lab: string) => `In a terminal, npx peerlab lab watch ${lab} shows where it fails.`,
  formula: 'formula',
  of: (part: number, whole: number) => `${part} of ${whole}`,
  nodeLabel: (node: number, state: string) => `node ${node}: ${state}`,
  network:
    'The network. Arrow keys choose a node, Enter acts on it, Delete crashes or restarts it, question mark explains it.',
  status: (time: string, parts: readonly string[]) => `At ${time}: ${parts.join(', ')}.`,
  packetsInFlight: (count: number) => `${count} ${count === 1 ? 'packet' : 'packets'} on the way`,
  aggregated: (perCell: number) => `one square stands for about ${perCell} nodes`,
  thinned: (oneOf: number) => `one of ${oneOf} packets is drawn`,
  whyNode: (node: number) => `Why? node ${node}`,
  whyPacket: (from: number, to: number) => `Why? the message from ${from} to ${to}`,
  whatItKnows: 'what it knows',
  lostOnTheWay: 'lost on the way',
  sequence: 'Messages between nodes, time runs down. Choose one to ask why it was sent and what became of it.',
  neverReached: '–',
  tabs: { controls: 'All controls', log: 'Events', sequence: 'Messages', table: 'Numbers', legend: 'Legend' },
  numbers: {
    measures: 'Measures',
    measure: 'measure',
    now: 'now',
    atEnd: 'at the end',
    curve: 'The chart',
    time: 'time',
  },
  logHead: ['time', 'node', 'what'],
  noEvents: 'Nothing has happened yet.',
  divergence: (time: string) => `first difference at ${time}`,
  noDivergence: 'no difference so far',
  differsVersion: (theirs: string, ours: string) =>
    `The link was made with version ${theirs}, this is ${ours}: the run may differ`,
  differsCode: 'The link was made with another version of the lab file: the run may differ',
  differs: 'This run is not the one that the link was made of',
  playground: 'Playground',
  scenario: 'Scenario',
  pasteLink: 'Paste a link to a run',
  open: 'Open',
  labChanged: 'your file changed: running it again',
} as const

/** Virtual time for people: seconds with three decimals, as the clock of the bar shows it. */
export function clock(millis: number): string {
  return `${(millis / 1000).toFixed(3)} s`
}

/** A measure's value in its unit, short enough for a big number. */
export function inUnit(value: number | null, unit: string): string {
  if (value === null) return strings.neverReached
  if (unit === 'share') return `${Math.round(100 * value)} %`
  if (unit === 'ms') return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ms`
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)
}
