import { findScenario, scenarios, type Scenario } from '@peerlab/engine'
import { WrongUse } from '../failure.ts'
import { didYouMean } from '../suggest.ts'

/** The scenario that somebody typed. */
export function scenarioNamed(id: string): Scenario {
  const ids = scenarios.map((scenario) => scenario.id)
  if (ids.includes(id)) return findScenario(id)
  const wayOut = 'See all scenarios with: npx peerlab scenarios'
  throw new WrongUse(`There is no scenario "${id}".${didYouMean(id, ids)}`, wayOut)
}
