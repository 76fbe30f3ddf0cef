/**
 * What code in virtual time may not touch: clocks, unseeded randomness, the machine, and functions whose last bit
 * differs between JavaScript engines. Each message names what to use instead.
 */

const wallClock = 'The wall clock differs in every run.'
const synchronous = 'Handlers are synchronous.'
const lastBit = 'Its last bit differs between JavaScript engines'

/** @param place `engine` or `lab`: a lab file has its host and nothing else, and the messages know that. */
export function determinism(place) {
  const inEngine = place === 'engine'
  const now = inEngine ? 'host.now (in the core: simulation.now)' : 'host.now'
  const random = inEngine ? 'host.random (in the core: deriveStream or CounterHash)' : 'host.random'
  const hash = inEngine ? "sha256 from '@noble/hashes/sha2.js' (in the core)" : "sha256 from '@peerlab/engine/lab'"
  const math = inEngine
    ? 'Use exp and ln from engine/core/exact-math.ts, or add the function there.'
    : 'Count in whole numbers; 31 - Math.clz32(n) is log2 of n, rounded down.'
  const next = 'keep what you wait for in a field and go on in onMessage or onTimer.'
  const timers = `${wallClock} Use host.setTimer(name, delay) and onTimer(name), or a Pacemaker for a beat.`
  const machine = 'The machine is out of reach, so that every machine gives the same run. Take the value as an option.'
  const network = 'Nothing leaves the simulation. Use host.send(to, message) and onMessage.'
  const storage = 'What must survive a crash goes into host.storage.'
  const memory = 'When memory is freed differs in every run. Delete entries yourself: at a bound, or on a timer.'
  const language = 'It depends on the language of the machine.'

  return {
    'no-restricted-globals': [
      'error',
      {
        globals: named({
          Date: `${wallClock} Use ${now}: virtual milliseconds.`,
          performance: `${wallClock} Use ${now}: virtual milliseconds.`,
          setTimeout: timers,
          setInterval: timers,
          setImmediate: timers,
          queueMicrotask: timers,
          requestAnimationFrame: timers,
          crypto: `It has no seed. Draw from ${random}; for a hash use ${hash}.`,
          fetch: network,
          XMLHttpRequest: network,
          WebSocket: network,
          EventSource: network,
          process: machine,
          navigator: machine,
          globalThis: machine,
          global: machine,
          window: machine,
          self: machine,
          localStorage: storage,
          sessionStorage: storage,
          indexedDB: storage,
          require: 'Use import: what a file needs is then known before it runs.',
          Buffer: 'It is there in Node only. Use Uint8Array, TextEncoder and TextDecoder.',
          Promise: `${synchronous} Instead of a promise, ${next}`,
          Intl: `${language} Format with String(n), toFixed and padStart.`,
          WeakRef: memory,
          FinalizationRegistry: memory,
        }),
      },
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Math', property: 'random', message: `It has no seed. Draw from ${random}.` },
      ...inexact.map((property) => ({
        object: 'Math',
        property,
        message: `${lastBit}, and one bit can swap two events. ${math}`,
      })),
      ...['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'].map((property) => ({
        property,
        message: `${language} Format with String(n), toFixed and padStart.`,
      })),
      ...['toLocaleLowerCase', 'toLocaleUpperCase'].map((property) => ({
        property,
        message: `${language} Use toLowerCase or toUpperCase.`,
      })),
      { property: 'localeCompare', message: `${language} Compare with a < b, or code unit by code unit.` },
    ],
    'no-restricted-syntax': ['error', ...syntax(next)],
  }
}

const noSleep = `${wallClock} A test has no sleeps and no wall clock: run virtual time on, to a moment that you name.`
const noLuck = 'A test that fails must fail again: use deriveStream(seed, …), or fast-check, which prints its seed.'

/** Tests wait in virtual time. Processes and browsers are another matter, so this is not for their tests. */
export const noWallClock = {
  'no-restricted-globals': [
    'error',
    {
      checkGlobalObject: true,
      globals: ['performance', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: noSleep })),
    },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: noSleep },
    { object: 'Math', property: 'random', message: noLuck },
  ],
  // A date that is written down, new Date(0), is a value like any other.
  'no-restricted-syntax': [
    'error',
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: noSleep,
    },
  ],
}

/** The functions of Math that ECMA-262 leaves to the implementation; sqrt is exact wherever IEEE 754 is. */
const inexact = [
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atan2',
  'atanh',
  'cbrt',
  'cos',
  'cosh',
  'exp',
  'expm1',
  'hypot',
  'log',
  'log10',
  'log1p',
  'log2',
  'pow',
  'sin',
  'sinh',
  'tan',
  'tanh',
]

function syntax(next) {
  const wait = `${synchronous} Instead of async and await, ${next}`
  const power = `${lastBit}, unless both sides are written as whole numbers: 2 ** 32. Otherwise multiply in a loop.`
  const digits = String.raw`/^\d[\d_]*n?$/`
  return [
    { selector: ':function[async=true]', message: wait },
    { selector: 'AwaitExpression', message: wait },
    { selector: 'ForOfStatement[await=true]', message: wait },
    { selector: 'ImportExpression', message: 'It gives a promise. Use an import statement at the top of the file.' },
    {
      selector: `BinaryExpression[operator='**']:not([left.raw=${digits}][right.raw=${digits}])`,
      message: power,
    },
    { selector: "AssignmentExpression[operator='**=']", message: power },
  ]
}

function named(messages) {
  return Object.entries(messages).map(([name, message]) => ({ name, message }))
}
