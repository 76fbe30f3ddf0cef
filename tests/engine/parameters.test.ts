import {
  allowed,
  checkParameters,
  formatParameter,
  parseParameter,
  scenarios,
  UnknownParameter,
  type Parameter,
  type Parameters,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { allowedValue } from '../support/specs.ts'

const parameters = {
  size: { type: 'integer', min: 2, max: 100, default: 10, label: 'size' },
  loss: { type: 'number', min: 0, max: 0.5, default: 0.1, label: 'loss' },
  style: { type: 'choice', options: ['push', 'pull'], default: 'push', label: 'style' },
  strict: { type: 'boolean', default: false, label: 'strict' },
  message: { type: 'data', default: { type: 'noise' }, label: 'message' },
} as const satisfies Parameters

const defaults = { size: 10, loss: 0.1, style: 'push', strict: false, message: { type: 'noise' } }

const wrong: readonly (readonly [name: keyof typeof parameters, values: readonly unknown[], allowed: string])[] = [
  ['size', [1, 101, 2.5, NaN, Infinity, '10', null, true, [10]], 'a whole number from 2 to 100'],
  ['loss', [-0.01, 0.51, NaN, -Infinity, '0.1', null], 'a number from 0 to 0.5'],
  ['style', ['Push', '', 0, null, ['push']], 'one of push, pull'],
  ['strict', ['true', 0, 1, null], 'true or false'],
]

describe('checking parameters', () => {
  test('fills in defaults, and keeps what is given', () => {
    expect(checkParameters('demo', parameters, {})).toEqual(defaults)
    expect(checkParameters('demo', parameters, { size: 2, strict: true, loss: undefined })).toEqual({
      ...defaults,
      size: 2,
      strict: true,
    })
  })

  test.each(wrong)('refuses a wrong %s, with name, value and range', (name, values, range) => {
    for (const value of values) {
      const check = () => checkParameters('demo', parameters, { [name]: value })
      expect(check).toThrow(RangeError)
      expect(check).toThrow(`${name} is `)
      expect(check).toThrow(`; it must be ${range}`)
    }
    expect(allowed(parameters[name])).toBe(range)
  })

  test.each(['sise', '__proto__', 'constructor', 'toString', ''])(
    'refuses the unknown "%s", and says what there is',
    (name) => {
      const given = JSON.parse(`{${JSON.stringify(name)}: 1}`) as { [name: string]: unknown }
      let error: unknown
      try {
        checkParameters('demo', parameters, given)
      } catch (caught) {
        error = caught
      }
      expect(error).toBeInstanceOf(UnknownParameter)
      expect(error).toMatchObject({ parameter: name, known: Object.keys(parameters) })
      expect((error as Error).message).toBe(
        `demo has no parameter "${name}"; it has size, loss, style, strict, message`,
      )
    },
  )

  test('refuses anything where there are none', () => {
    expect(() => checkParameters('gossip: heal', {}, { x: 1 })).toThrow(
      'gossip: heal has no parameter "x"; it has none',
    )
  })
})

describe('parameters as text', () => {
  const all: [string, Parameter][] = scenarios.flatMap((scenario) => [
    ...Object.entries(scenario.parameters),
    ...Object.values(scenario.actions).flatMap((action) => Object.entries(action.parameters)),
  ])

  test('come back as they were, for every parameter of every scenario', () => {
    for (const [name, parameter] of all) {
      fc.assert(
        fc.property(allowedValue(parameter), (value) => {
          expect(parseParameter(name, parameter, formatParameter(parameter, value))).toEqual(value)
        }),
      )
    }
  })

  test.each<[keyof typeof parameters, string]>([
    ['size', ''],
    ['size', ' '],
    ['size', 'ten'],
    ['size', '10.5'],
    ['size', '1e3'],
    ['size', '10,5'],
    ['size', 'NaN'],
    ['loss', ''],
    ['loss', '5%'],
    ['loss', '1e999'],
    ['loss', '-0.1'],
    ['style', 'PUSH'],
    ['strict', 'yes'],
    ['strict', '1'],
    ['message', '{'],
    ['message', ''],
  ])('refuse for %s the text "%s", by name', (name, text) => {
    const parse = () => parseParameter(name, parameters[name], text)
    expect(parse).toThrow(RangeError)
    expect(parse).toThrow(
      `${name} is "${text}"`.slice(0, name === 'size' || name === 'loss' ? `${name} is `.length : undefined),
    )
    expect(parse).toThrow('; it must be ')
  })

  test('every default of every scenario is allowed', () => {
    for (const [name, parameter] of all) {
      expect(parseParameter(name, parameter, formatParameter(parameter, parameter.default))).toEqual(parameter.default)
    }
  })
})
