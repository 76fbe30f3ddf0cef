import {
  scenarios,
  type ActionInput,
  type Parameter,
  type Parameters,
  type Recorded,
  type RunSpec,
} from '@peerlab/engine'
import { fc } from './fast-check.ts'

/** Any value that a parameter allows, bounds likelier than chance would have them. */
export function allowedValue(parameter: Parameter): fc.Arbitrary<unknown> {
  switch (parameter.type) {
    case 'integer':
      return fc.integer({ min: parameter.min, max: parameter.max })
    case 'number':
      return fc
        .double({ min: parameter.min, max: parameter.max, noNaN: true })
        .map((value) => (value === 0 ? 0 : value))
    case 'boolean':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...parameter.options)
    case 'data':
      return fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify({ type: 'x', value })) as unknown)
  }
}

/** Values for some of these parameters. */
export function someValues(parameters: Parameters): fc.Arbitrary<{ [name: string]: unknown }> {
  const values = Object.entries(parameters).map(([name, parameter]) => [name, allowedValue(parameter)] as const)
  return fc.record(Object.fromEntries(values), { requiredKeys: [], noNullPrototype: true })
}

const time = fc.integer({ min: 0, max: 2 ** 40 }).map((micros) => micros / 1000)

/** Any run that can be written down; not every one of them can be run, since nodes and sizes are drawn apart. */
export const runSpec: fc.Arbitrary<RunSpec> = fc.constantFrom(...scenarios).chain(({ id, parameters, actions }) => {
  const inputs = Object.entries(actions).map(([action, definition]) =>
    someValues(definition.parameters).map((values) => ({ action, with: values as ActionInput['with'] })),
  )
  const recorded: fc.Arbitrary<Recorded<ActionInput>> = fc
    .tuple(time, fc.option(fc.nat(), { nil: undefined }), fc.oneof(...inputs))
    .map(([at, after, input]) => ({ time: at, input, ...(after === undefined ? {} : { after }) }))
  return fc
    .tuple(
      fc.maxSafeNat(),
      someValues(parameters),
      fc.array(recorded, { maxLength: 4 }),
      fc.option(fc.string({ minLength: 1 })),
    )
    .map(([seed, values, list, lab]) => ({
      scenario: id,
      seed,
      parameters: values,
      actions: list,
      ...(lab === null ? {} : { lab }),
    }))
})
