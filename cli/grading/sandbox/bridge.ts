import { MessageChannel } from 'node:worker_threads'
import type { Readable, Writable } from 'node:stream'
import type { Connection } from './connection.ts'
import { maxLength } from './line-channel.ts'

/**
 * Carries questions from a thread that waits to a process, and the answers back, one at a time. An answer is a line,
 * null for what is no answer, undefined when the process is gone.
 */
export function bridgeTo(questions: Writable, answers: Readable): { connection: Connection; close: () => void } {
  const { port1: here, port2: there } = new MessageChannel()
  const bell = new Int32Array(new SharedArrayBuffer(4))
  let isAsked = false
  let isOver = false
  let said = ''
  const reply = (answer: string | null | undefined): void => {
    isAsked = false
    said = ''
    here.postMessage(answer)
    Atomics.add(bell, 0, 1)
    Atomics.notify(bell, 0)
  }
  answers.setEncoding('utf8').on('data', (text: string) => {
    said += text
    const end = said.indexOf('\n')
    if (isAsked && end === said.length - 1) reply(said.slice(0, end))
    else if (isAsked && (end >= 0 || said.length > maxLength)) reply(null)
  })
  const over = (): void => {
    isOver = true
    if (isAsked) reply(undefined)
  }
  answers.once('close', over)
  questions.on('error', over) // it is gone
  here.on('message', (line: string) => {
    isAsked = true
    if (isOver) reply(undefined)
    else if (said !== '') reply(null)
    else questions.write(`${line}\n`)
  })
  return { connection: { kind: 'bridge', port: there, bell }, close: () => here.close() }
}
