import { partition } from '../core/rules.ts'
import type { Simulation } from '../core/simulation.ts'
import { nodeActions, performNodeAction } from './node-actions.ts'

/** What people can do to every network: crash, restart, send a packet, cut it in two and heal it. */
export const faultActions = {
  ...nodeActions,
  cut: {
    label: 'cut the network',
    parameters: {
      share: { type: 'number', min: 0, max: 1, default: 0.5, label: 'share of the nodes on the far side' },
    },
  },
  heal: { label: 'heal the cut', parameters: {} },
} as const

/** Does the {@link faultActions}. */
export class Faults {
  readonly #simulation: Simulation
  #heal: (() => void) | undefined = undefined
  #farSide: ReadonlySet<number> = new Set()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** Whether the network is cut now. */
  get isCut(): boolean {
    return this.#heal !== undefined
  }

  /** The nodes on the far side of the cut; none while the network is whole. */
  get farSide(): ReadonlySet<number> {
    return this.#farSide
  }

  /** Does the action if it is one of these. */
  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const simulation = this.#simulation
    const { share } = values as Record<string, number>
    performNodeAction(simulation, action, values)
    if (action === 'cut') simulation.control('cut', () => this.cut(farSide(simulation.size, share!)))
    if (action === 'heal') simulation.control('heal', () => this.heal())
  }

  /** Cuts the network in two, instead of where it was cut before. For controls. */
  cut(side: Iterable<number>): void {
    this.heal()
    this.#farSide = new Set(side)
    this.#heal = this.#simulation.addRule(partition(this.#farSide))
  }

  /** For controls. */
  heal(): void {
    this.#heal?.()
    this.#heal = undefined
    this.#farSide = new Set()
  }
}

/** The nodes with the highest numbers, as many as the share says. */
export function farSide(size: number, share: number): number[] {
  return Array.from({ length: Math.round(share * size) }, (_, i) => size - 1 - i)
}
