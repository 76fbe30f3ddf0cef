import { WrongUse } from '../failure.ts'
import { didYouMean } from '../suggest.ts'
import { classroom50 } from './classroom50.ts'
import { csv } from './csv.ts'
import { exercism } from './exercism.ts'
import type { Format } from './format.ts'
import { githubClassroom } from './github-classroom.ts'
import { gradescope } from './gradescope.ts'
import { junit } from './junit.ts'
import { prairielearn } from './prairielearn.ts'

export const formats: readonly Format[] = [classroom50, githubClassroom, gradescope, prairielearn, exercism, junit, csv]

/** Complains in the command's own words about a name that is none. */
export function findFormat(name: string): Format {
  const found = formats.find(({ id }) => id === name)
  if (found !== undefined) return found
  const known = formats.map(({ id }) => id)
  throw new WrongUse(`There is no format "${name}".${didYouMean(name, known)}`, `The formats are ${known.join(', ')}.`)
}
