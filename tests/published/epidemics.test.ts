/**
 * Epidemics in continuous time, where every node contacts others at exponentially distributed times: the assumption
 * behind the differential equations.
 */
import { logistic, logisticTime, Run, Spread } from '@peerlab/engine'
import { test } from 'vitest'
import { expectAtMost, expectPublished, seeds } from './results.ts'

const size = 10_000
const crowd = { size, topology: 'complete', style: 'rumor', fanout: 1, timing: 'poisson', period: 1000, latency: 0 }

// Demers et al. 1987, section 1.4: the residue solves s = e^(-(k+1)(1-s)) when interest is lost with chance 1/k.
const residues = [0.2032, 0.0595, 0.0198, 0.00698, 0.00252]

for (const [i, residue] of residues.entries()) {
  const k = i + 1
  test(`a coin of 1/${k} leaves ${residue} of the sites out (Demers 1987)`, () => {
    const measured = seeds(100, 6).map((seed) => {
      const run = new Run({ scenario: 'gossip', seed, parameters: { ...crowd, stop: 'coin-feedback', k } })
      run.finish()
      return run.world.measures()['residue']!
    })
    expectPublished(
      {
        quantity: `SIR in continuous time: residue, k = ${k}`,
        source: 'Demers et al. 1987, section 1.4',
        published: residue,
        tolerance: 0.03 * residue,
      },
      measured,
    )
  })
}

test('the share that knows follows the logistic curve within 0.02, once it is aligned in time', () => {
  const largestGaps = seeds(20, 3).map((seed) => {
    const spread = new Spread(size)
    const run = new Run(
      { scenario: 'gossip', seed, parameters: { ...crowd, stop: 'never' } },
      { observe: () => [spread] },
    )
    run.finish()
    const times = Float64Array.from(spread.latest!.times).sort()
    const rate = 1 / crowd.period
    // The beginning is chance: one node, then two. So the curves are laid over each other at one half.
    const shift = times[size / 2]! - logisticTime(1 / size, rate, 0.5)
    const gaps = times.map((time, rank) => Math.abs((rank + 1) / size - logistic(1 / size, rate, time - shift)))
    return Math.max(...gaps)
  })
  const quantity = 'SI curve: largest distance from 1 / (1 + (1/i₀ - 1) e^-βt), n = 10000'
  expectAtMost({ quantity, source: 'logistic equation', bound: 0.02 }, largestGaps)
})
