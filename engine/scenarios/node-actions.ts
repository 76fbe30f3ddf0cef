import type { Message } from '../core/data.ts'
import type { Simulation } from '../core/simulation.ts'

/** A node of the run as an argument of an action; its range ends with the run's size. */
export function nodeParameter(label: string) {
  return { type: 'integer', min: 0, max: 999_999, default: 0, label, unit: 'node' } as const
}

/** What can be done to the nodes of any run. */
export const nodeActions = {
  crash: { label: 'crash', parameters: { node: nodeParameter('node') } },
  restart: { label: 'restart', parameters: { node: nodeParameter('node') } },
  inject: {
    label: 'send a packet in the name of a node',
    parameters: {
      from: nodeParameter('claimed sender'),
      to: nodeParameter('receiver'),
      message: { type: 'data', default: { type: 'noise' }, label: 'message' },
    },
  },
} as const

/** Does one of {@link nodeActions}; nothing where the action is another. */
export function performNodeAction(
  simulation: Simulation,
  action: string,
  values: { readonly [name: string]: unknown },
): void {
  const { node, from, to } = values as Record<string, number>
  if (action === 'crash') simulation.crash(node!)
  if (action === 'restart') simulation.restart(node!)
  if (action === 'inject') simulation.inject(from!, to!, values['message'] as Message)
}
