import { scenarios } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { peerlab } from './support/peerlab.ts'

interface Entry {
  readonly id: string
  readonly parameters: readonly { readonly [key: string]: unknown }[]
  readonly measures: readonly object[]
}

describe.concurrent('peerlab scenarios', () => {
  it('--json lists every scenario with exactly the documented keys, null where one does not apply', async () => {
    const { code, stdout, stderr } = await peerlab(['scenarios', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const entries = JSON.parse(stdout) as Entry[]
    expect(entries.map(({ id }) => id)).toEqual(scenarios.map(({ id }) => id))
    for (const entry of entries) {
      expect(Object.keys(entry)).toEqual(['id', 'title', 'parameters', 'measures'])
      for (const parameter of entry.parameters) {
        expect(Object.keys(parameter)).toEqual(['name', 'type', 'unit', 'min', 'max', 'options', 'default', 'label'])
      }
      for (const measure of entry.measures) expect(Object.keys(measure)).toEqual(['name', 'unit', 'label'])
    }
    const gossip = entries.find(({ id }) => id === 'gossip')!
    expect(gossip.parameters).toContainEqual({
      name: 'fanout',
      type: 'integer',
      unit: 'nodes',
      min: 1,
      max: 64,
      options: null,
      default: 3,
      label: 'fanout',
    })
    const named = (wanted: string) => gossip.parameters.find(({ name }) => name === wanted)
    expect(named('style')).toMatchObject({ type: 'choice', unit: null, min: null, max: null })
    expect(named('loss')).toMatchObject({ type: 'number', unit: null, min: 0, max: 1, options: null })
  })

  it('names every scenario with a sentence', async () => {
    const { code, stdout } = await peerlab(['scenarios'])
    expect(code).toBe(0)
    for (const { id, summary } of scenarios) {
      expect(stdout).toContain(`${id}:`)
      expect(stdout).toContain(summary)
    }
  })

  it.each([{ flags: [] }, { flags: ['--plain'] }])('names all that a scenario has, with $flags', async ({ flags }) => {
    const { code, stdout } = await peerlab(['scenarios', 'gossip', ...flags])
    const { parameters, measures } = scenarios.find(({ id }) => id === 'gossip')!
    expect(code).toBe(0)
    for (const name of [...Object.keys(parameters), ...measures.map((measure) => measure.name)]) {
      expect(stdout).toMatch(new RegExp(`^ *${name}\\b`, 'm'))
    }
  })
})
