import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { CouldNotRun, incompleteInstallation } from '../failure.ts'
import { systemFailureIn } from '../system-failure.ts'
import { askPage } from './ask-page.ts'

const pollMillis = 100
/** A server that has not answered after this long never will. */
const patienceMillis = 120_000
/** A server that was asked to end and is still there after this is ended by force. */
const graceMillis = 3000
/** A page that takes longer than this is asked for again. */
const pagePatienceMillis = 20_000
/** Of what the server has said, this many lines are kept to explain a failure. */
const maxSaid = 400

export interface SlideServerOptions {
  /** A program that takes the same arguments as Slidev. Default: Slidev. */
  readonly program?: string
  /** Nothing that it says is shown; all is kept to explain a failure. Default: false. */
  readonly isQuiet?: boolean
}

/** Slidev's development server in a process of its own. */
export class SlideServer {
  readonly url: string
  readonly #child: ChildProcess
  readonly #exit: Promise<void>
  #hasExited = false
  #isStopping = false
  #isReady = false
  readonly #isQuiet: boolean
  readonly #said: string[] = []

  /** Starts it. `deck` is the path of a markdown file. */
  constructor(deck: string, port: number, { program = slidevPath(), isQuiet = false }: SlideServerOptions = {}) {
    this.#isQuiet = isQuiet
    this.url = `http://localhost:${port}/`
    const args = [...preload(), program, basename(deck), '--port', String(port)]
    // No stdin: Slidev would take the keyboard for its shortcuts, Ctrl-C with it.
    this.#child = spawn(process.execPath, args, { cwd: dirname(deck), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#exit = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', () => resolve())
    })
    void this.#exit.then(() => (this.#hasExited = true))
    const isDebugged = process.env['PEERLAB_DEBUG'] === '1'
    createInterface(this.#child.stdout!).on('line', (line) => this.#hear(line, isDebugged))
    createInterface(this.#child.stderr!).on('line', (line) => this.#hear(line, isDebugged || this.#isReady))
  }

  /** Waits until it answers. False when it was stopped before that. */
  async ready(): Promise<boolean> {
    const end = performance.now() + patienceMillis
    while (!this.#hasExited && !(await this.#doesAnswer())) {
      if (performance.now() > end) throw this.failure(`The slides do not answer at ${this.url}.`)
      await Promise.race([wait(pollMillis), this.#exit])
    }
    if (this.#isStopping) return false
    if (this.#hasExited) throw this.failure('The slides could not be started.')
    this.#isReady = true
    return true
  }

  /** Waits for its end. Fails if nobody asked for it. */
  async ended(): Promise<void> {
    await this.#exit
    if (this.#isStopping) return
    throw new CouldNotRun('The slides have stopped by themselves.', 'Start them again with: npx peerlab start')
  }

  /** Ends it and all that it started. Harmless if it is ended. */
  stop(): void {
    if (this.#isStopping || this.#hasExited) return
    this.#isStopping = true
    this.#child.disconnect() // end-with-parent.ts does the rest
    const force = setTimeout(() => killTree(this.#child), graceMillis)
    void this.#exit.then(() => clearTimeout(force))
  }

  /** Why it does not work, as far as it has said so. `what` is a sentence for the case that the system is not to blame. */
  failure(what: string): CouldNotRun {
    const said = this.#said.join('\n')
    const system = systemFailureIn(said)
    if (system !== undefined) return new CouldNotRun(system.message, system.wayOut)
    const [, missing] = /\bERR_MODULE_NOT_FOUND\]: (.+)/.exec(said) ?? []
    if (missing !== undefined) return incompleteInstallation(missing)
    const isReason = (line: string): boolean => /error|cannot|could not|failed/i.test(line)
    const found = this.#said.find(isReason) ?? this.#said.at(-1)
    return new CouldNotRun(what, found === undefined ? undefined : `Slidev says: ${found}`)
  }

  #hear(text: string, isShown: boolean): void {
    const line = stripVTControlCharacters(text).trim()
    // Where in Vite something happened helps nobody who presents.
    if (line.startsWith('at ') && process.env['PEERLAB_DEBUG'] !== '1') return
    if (isShown && !this.#isQuiet) process.stderr.write(`${text}\n`)
    if (line !== '' && this.#said.length < maxSaid) this.#said.push(line)
  }

  async #doesAnswer(): Promise<boolean> {
    return (await askPage(this.url, pagePatienceMillis))?.status === 200
  }
}

function preload(): string[] {
  return ['--import', new URL('./end-with-parent.ts', import.meta.url).href]
}

/** Slidev belongs to the slides, so it is looked for from there. */
function slidevPath(): string {
  const slides = createRequire(new URL('../../slides/package.json', import.meta.url))
  const manifest = slides.resolve('@slidev/cli/package.json')
  return join(dirname(manifest), 'bin', 'slidev.mjs')
}

function killTree(child: ChildProcess): void {
  if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' })
  else child.kill('SIGKILL')
}
