/** The scenario `amplification`: the attacker's bytes beside the victim's, and what proof of return does about it. */
import { amplificationFactors } from '../../engine/scenarios/amplification.ts'
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured } from '../support/scenario-checks.ts'

const id = 'amplification'
const seeds = [1, 2, 3]
const services = ['dns', 'ssdp', 'bittorrent', 'kad'] as const

describe('an attacker who asks in the name of a victim', () => {
  test.each(services)('has it sent what TA14-017A says, for %s', (service) => {
    for (const seed of seeds) {
      const factor = measured(finished(id, seed, { service }), 'factor')
      const published = amplificationFactors[service]
      // What is in the air when the run ends has not been answered, and answers have whole bytes.
      expect(Math.abs(factor / published - 1)).toBeLessThan(0.03)
    }
  })

  test('drowns it: its friends wait for longer than without the attack', () => {
    for (const seed of seeds) {
      const attacked = finished(id, seed)
      const left = finished(id, seed, { start: 600_000 })
      expect(measured(attacked, 'delay')).toBeGreaterThan(5 * measured(left, 'delay'))
      expect([attacked.world.state(1), left.world.state(1)]).toEqual(['drowned', 'fine'])
      expect(measured(attacked, 'arrived')).toBeLessThan(measured(attacked, 'victimBytes'))
    }
  })

  test('pays less for each byte the larger the answers of the service are', () => {
    const factors = services.map((service) => measured(finished(id, 7, { service }), 'factor'))
    const order = services.map((service) => amplificationFactors[service])
    const sorted = (values: readonly number[]) => values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
    expect(sorted(factors)).toEqual(sorted(order))
  })

  test('is stopped by an action, and begins again by another', () => {
    const bytes = (...actions: ReturnType<typeof act>[]) => measured(finished(id, 7, {}, actions), 'attackerBytes')
    const whole = bytes()
    const stopped = bytes(act(4000, 'cease'))
    expect(stopped).toBeLessThan(whole / 2)
    expect(bytes(act(4000, 'cease'), act(6000, 'attack', { node: 0 }))).toBeGreaterThan(stopped)
    expect(() => finished(id, 7, {}, [act(1, 'attack', { node: 3 })])).toThrow('only node 0 forges')
  })
})

describe('proof of return', () => {
  test('leaves the victim no more than three times the bytes of the attacker, whatever the service', () => {
    for (const seed of seeds) {
      for (const service of services) {
        const factor = measured(finished(id, seed, { service, proof: true }), 'factor')
        expect(factor).toBeLessThanOrEqual(3)
        expect(factor).toBeGreaterThan(2.7)
      }
    }
  })

  test('costs an honest customer next to nothing: it shows once that it is where it says', () => {
    for (const seed of seeds) {
      const free = measured(finished(id, seed), 'customerFactor')
      const proved = measured(finished(id, seed, { proof: true }), 'customerFactor')
      expect(proved).toBeGreaterThan(0.9 * free)
      expect(proved).toBeGreaterThan(10 * 3)
    }
  })
})

test('the measured line ends near the formula', () => {
  for (const proof of [false, true]) {
    const { measured: line, formula } = finished(id, 7, { proof }).world.curves(50)
    const expected = formula!.points.at(-1)![1]
    expect(Math.abs(line.points.at(-1)![1] / expected - 1)).toBeLessThan(0.05)
  }
})

test('roles that do not fit are refused', () => {
  expect(() => finished(id, 1, { size: 11, friends: 5 })).toThrow('too many for size 11')
})

behavesAsAScenario(id, [act(3000, 'cease'), act(3500, 'crash', { node: 4 }), act(5000, 'attack', { node: 0 })])
