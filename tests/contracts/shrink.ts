import type { RunSpec } from '@peerlab/engine'

const smallSizes = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40]

/**
 * Specs that are a step smaller, the boldest first: fewer nodes, fewer rumors, one action less, no loss. Some may be no
 * valid run; trying tells.
 */
export function* smallerSpecs(spec: RunSpec): Generator<RunSpec> {
  const { parameters = {}, actions = [] } = spec
  const with_ = (changed: { readonly [name: string]: unknown }): RunSpec => ({
    ...spec,
    parameters: { ...parameters, ...changed },
  })
  const size = parameters['size'] as number
  const degree = parameters['degree'] as number | undefined
  for (const fewer of smallSizes.filter((other) => other < size)) {
    if (degree === undefined) yield with_({ size: fewer })
    else {
      // A regular graph needs an even number of link ends, and fewer neighbors than nodes.
      const fits = Math.min(degree, fewer - 1)
      yield with_({ size: fewer, degree: (fewer * fits) % 2 === 0 ? fits : Math.max(1, fits - 1) })
    }
  }
  if (((parameters['rumors'] as number | undefined) ?? 1) > 1) yield with_({ rumors: 1 })
  for (let i = 0; i < actions.length; i++) yield { ...spec, actions: actions.filter((_, other) => other !== i) }
  if (parameters['loss'] !== undefined && parameters['loss'] !== 0) yield with_({ loss: 0 })
}
