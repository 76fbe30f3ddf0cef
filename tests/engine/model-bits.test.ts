/**
 * The draws of the models, to the last bit. That they are right is shown by other tests; these hashes show that they are
 * the same on every machine and in every version. Who changes a model on purpose writes down the new hash, and knows
 * that links to runs with it lead elsewhere now.
 */
import { expect, test } from 'vitest'
import { hashModels } from '../support/model-draws.ts'

test('every model draws the bits that it has always drawn', () => {
  expect(hashModels()).toEqual({
    'normal deviates': '804358a56f1f08ff',
    'Poisson counts': '295fc76a5ab7e588',
    'log-normal latency': '1a0b325a4f0be063',
    'log-normal latency, uneven': '286b8283dff1d2ec',
    'regional latency with jitter': '89b72592e6c19e08',
    'exponential spans': '2679cd7bd464c5d4',
    'Weibull spans': '0b1b1305ea33c1ab',
    'what is left of Weibull spans': '35b0dc8af2f5207d',
    'Pareto spans': '7e7773a8e63fe896',
    'what is left of Pareto spans': '632011fb53a042a6',
  })
})
