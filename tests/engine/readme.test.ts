/** engine/README.md: its examples are files here, which are type-checked, and do what the text says. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { checkParameters } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { crashOfNode3 } from './examples/heartbeat-run.ts'
import { heartbeat } from './examples/heartbeat-scenario.ts'

const examples = path.join(import.meta.dirname, 'examples')
const readme = readFileSync(path.join(import.meta.dirname, '..', '..', 'engine', 'README.md'), 'utf8')

describe('the README of the engine', () => {
  test('shows each example as it is, and no code that is not an example', () => {
    const shown = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!)
    const files = readdirSync(examples).map((name) => readFileSync(path.join(examples, name), 'utf8'))
    expect(new Set(shown)).toEqual(new Set(files))
  })

  test('says what the run of its first example finds', () => {
    const { noticed, fingerprint } = crashOfNode3(7)
    const said = /```text\n([^]*?)```/.exec(readme)?.[1]?.trim().split('\n')
    expect([...noticed, fingerprint]).toEqual(said)
  })
})

describe('the protocol of the README', () => {
  test('notices a crash at both neighbors, and nobody else says anything', () => {
    for (let seed = 0; seed < 20; seed++) {
      const nodes = crashOfNode3(seed).noticed.map((line) => line.split(' ').slice(2).join(' '))
      expect(new Set(nodes)).toEqual(new Set(['2 silent {"peer":3}', '4 silent {"peer":3}']))
    }
  })

  test('is the same to the last bit with the same seed, and another with another', () => {
    expect(crashOfNode3(7)).toEqual(crashOfNode3(7))
    expect(crashOfNode3(8).fingerprint).not.toBe(crashOfNode3(7).fingerprint)
  })
})

describe('the scenario of the README', () => {
  const begin = (given: { readonly [name: string]: unknown }): ReturnType<typeof heartbeat.create> => {
    const parameters = checkParameters(heartbeat.id, heartbeat.parameters, given)
    return heartbeat.create({ parameters, seed: 7, observers: [], foldPayloads: false })
  }

  test('finds nothing while all are up, and two neighbors each second once one is down', () => {
    const world = begin({})
    world.simulation.runUntil(20_000)
    expect(world.measures()['suspicions']).toBe(0)
    world.perform('crash', { node: 3 })
    world.simulation.runUntil(30_000)
    expect([world.state(3), world.state(4)]).toEqual(['down', 'up'])
    const suspicions = world.measures()['suspicions']!
    expect(suspicions).toBeGreaterThan(2 * 5)
    expect(suspicions).toBeLessThan(2 * 9)
    expect(world.curves(1000).measured.points.length).toBe(suspicions)
  })

  test('has false alarms where packets are lost, and says nothing of a node that is back', () => {
    const lossy = begin({ loss: 0.3 })
    lossy.simulation.runUntil(60_000)
    expect(lossy.measures()['suspicions']).toBeGreaterThan(0)
    const world = begin({})
    world.simulation.runUntil(5000)
    world.perform('crash', { node: 3 })
    world.simulation.runUntil(6000)
    world.perform('restart', { node: 3 })
    world.simulation.runUntil(60_000)
    expect(world.measures()['suspicions']).toBe(0)
  })

  test('names measures, states and actions that it has', () => {
    const { presentation, measures, parameters, actions, states } = heartbeat
    const names = measures.map(({ name }) => name)
    expect(names).toEqual(Object.keys(begin({}).measures()))
    expect(names).toEqual(expect.arrayContaining([presentation.headline, ...presentation.costs]))
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining([...presentation.controls]))
    expect(Object.keys(actions)).toEqual([presentation.click, presentation.doubleClick])
    expect(states.map(({ id }) => id)).toEqual(['up', 'down'])
  })
})
