import type { Millis, ProtocolError } from '@peerlab/engine'
import type { LiveLoop } from './live-loop.ts'
import type { LiveNetwork } from './live-network.ts'
import type { LivePlan } from './live-plan.ts'
import type { LiveRecord } from './live-record.ts'

/** Why a live run ended: nothing left to do, all know all, its time was up, or there was no end to the messages. */
export type EndReason = 'idle' | 'over' | 'time' | 'storm'

export interface LiveCourse {
  readonly plan: LivePlan
  readonly loop: LiveLoop
  readonly network: LiveNetwork
  readonly record: LiveRecord
  /** As many messages end it. */
  readonly maxMessages: number
  /** Gives it up: the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal | undefined
  /** Told after events were handled; time in ms since the beginning. */
  readonly onPause: (informed: number, time: Millis) => void
}

/**
 * Lets a network that has started do what the plan says, to its end. Rejects with a {@link ProtocolError} where a
 * handler throws. When the promise settles, no handler runs any more; the connections are still there.
 */
export async function runCourse(course: LiveCourse): Promise<EndReason> {
  const { plan, loop, network, record, maxMessages, signal, onPause } = course
  const { spread } = record
  signal?.throwIfAborted()
  const isOver = (): boolean =>
    plan.endsWhenAllKnow && spread.rumors.size === plan.orders.length && spread.coverage === 1
  return new Promise<EndReason>((resolve, reject) => {
    const end = (settle: () => void): void => {
      loop.stop()
      clearTimeout(limit)
      signal?.removeEventListener('abort', giveUp)
      settle()
    }
    const giveUp = (): void => end(() => reject(signal!.reason as Error))
    const limit = setTimeout(() => end(() => resolve('time')), plan.run.parameters['duration'] as number)
    signal?.addEventListener('abort', giveUp)
    loop.onFailure = (error: ProtocolError) => end(() => reject(error))
    loop.onPause = () => {
      if (loop.isStopped) return
      onPause(Math.round(spread.coverage * spread.size), loop.now)
      if (isOver()) end(() => resolve('over'))
      else if (network.isIdle) end(() => resolve('idle'))
      else if (network.sent > maxMessages) end(() => resolve('storm'))
    }
    loop.begin()
    for (const { time, node, command } of plan.orders) {
      loop.timers.set(time, () => network.hosts[node]!.command(command))
    }
  })
}
