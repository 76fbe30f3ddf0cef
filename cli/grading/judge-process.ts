/**
 * The process in which a lab's code runs while it is judged. It is told what to judge, sends one message a task, and
 * may be ended at any moment: whoever started it keeps the verdicts.
 */
import { judgeTask, type Verdict } from '../../tests/contracts/contract.ts'
import { publicDraw } from '../../tests/contracts/draw.ts'
import { explain, replayLink } from '../../tests/contracts/explain.ts'
import { findContract } from '../../tests/contracts/registry.ts'
import { bundleLoader } from '../labs/load-bundle.ts'
import type { TaskVerdict } from './report.ts'

export interface JudgeOrder {
  readonly lab: string
  readonly code: string
  /** The tasks to judge, in order. */
  readonly tasks: readonly string[]
}

export type JudgeMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begin'; readonly task: string }
  | { readonly kind: 'verdict'; readonly verdict: TaskVerdict }
  | { readonly kind: 'done' }

process.once('message', (order: JudgeOrder) => void judge(order))
tell({ kind: 'ready' })

async function judge({ lab, code, tasks }: JudgeOrder): Promise<void> {
  const contract = findContract(lab)
  const loader = bundleLoader({ code })
  process.once('exit', loader.dispose)
  for (const id of tasks) {
    const task = contract.tasks(publicDraw).find((candidate) => candidate.id === id)
    tell({ kind: 'begin', task: id })
    if (task === undefined) {
      tell({ kind: 'verdict', verdict: { task: id, status: 'missing', message: `the contract has no task ${id}` } })
      continue
    }
    tell({ kind: 'verdict', verdict: await verdictOf(lab, id, () => judgeTask(task, loader.load)) })
  }
  tell({ kind: 'done' }, () => process.exit())
}

async function verdictOf(lab: string, id: string, act: () => Promise<Verdict>): Promise<TaskVerdict> {
  try {
    const verdict = await act()
    if (verdict.status === 'passed') return { task: id, status: 'passed' }
    const { status, finding } = verdict
    return {
      task: id,
      status,
      seed: finding.spec.seed,
      replay: replayLink(finding, lab),
      message: explain(finding, lab),
    }
  } catch (error) {
    // The module itself throws when it is loaded.
    return { task: id, status: 'crashed', message: `the file could not be loaded: ${String(error)}` }
  }
}

function tell(message: JudgeMessage, then: () => void = () => undefined): void {
  process.send?.(message, then)
}
