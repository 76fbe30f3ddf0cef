import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../../cli/project.ts'
import { ending, peerlab, start, type Ended } from '../../cli/support/peerlab.ts'
import { unusedPort } from '../../cli/support/ports.ts'

/** A student with a workspace of their own, in which the slides run and a lab's file is edited. */
export class Student {
  readonly url: string
  readonly #workspace: string
  readonly #server: ChildProcess

  private constructor(url: string, workspace: string, server: ChildProcess) {
    this.url = url
    this.#workspace = workspace
    this.#server = server
  }

  /** Starts the slides of a deck as `peerlab start` does. The path has what paths on other machines have. */
  static async with(deck: string): Promise<Student> {
    const workspace = mkdtempSync(join(tmpdir(), 'peerlab Übung '))
    cpSync(join(projectRoot, 'labs'), join(workspace, 'labs'), { recursive: true })
    const port = await unusedPort()
    const env = { PEERLAB_WORKSPACE: workspace }
    const server = start(['start', deck, '--port', String(port), '--no-open'], { env })
    const said = await Promise.race([once(server.stdout!, 'data').then(String), ending(server)])
    if (typeof said !== 'string') throw new Error(`the slides did not start: ${said.stderr}`)
    return new Student(`http://localhost:${port}/`, workspace, server)
  }

  /** Saves the lab's file, in one of the two ways in which editors do: in place, or beside it and then in its place. */
  save(text: string, way: 'in place' | 'by renaming' = 'in place'): void {
    const file = join(this.#workspace, 'labs', '03-gossip', 'gossip.ts')
    if (way === 'in place') {
      writeFileSync(file, text)
    } else {
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
    }
  }

  /** Runs the command in the workspace. */
  async peerlab(...args: readonly string[]): Promise<Ended> {
    return await peerlab(args, { env: { PEERLAB_WORKSPACE: this.#workspace } })
  }

  async leave(): Promise<void> {
    const isOver = this.#server.exitCode !== null || once(this.#server, 'exit')
    this.#server.kill('SIGINT')
    await isOver
    rmSync(this.#workspace, { recursive: true, force: true })
  }
}

export const starter = readFileSync(join(projectRoot, 'labs', '03-gossip', '.starter', 'gossip.ts'), 'utf8')
export const solution = readFileSync(join(projectRoot, 'solutions', '03-gossip', 'gossip.ts'), 'utf8')

/** What a link says of the file that ran. */
export function codeOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
