import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measurement } from '../../../tests/contracts/contract.ts'
import type { Grader } from '../../grading/grader.ts'
import type { Output } from '../../output.ts'
import { labsFolder, solutionsFolder, type Manifest } from '../manifest.ts'
import { sideBySide } from './side-by-side.ts'

/** How the reference measures up, where it is there. */
export async function referenceMeasures(grader: Grader, manifest: Manifest): Promise<readonly Measurement[]> {
  const folder = join(solutionsFolder, manifest.id)
  return existsSync(folder) ? (await grader.judge(manifest, { folder })).measured : []
}

/** What there is to do and to know once all tasks pass. */
export function finishedLines(
  { id, scenario }: Manifest,
  own: readonly Measurement[],
  reference: readonly Measurement[],
  out: Output,
): string[] {
  return [
    out.bold('All tasks pass. Now see your code in a larger network:'),
    `  npx peerlab run ${scenario} --seed 1 --lab ${id}`,
    '',
    ...own.map((measurement) => savedInWords(measurement, reference)),
    `  questions about your own run    npx peerlab lab questions ${id}`,
    `  the reference beside your file  npx peerlab lab solution ${id} --beside`,
  ]
}

/** `Packets per delivery: yours 4.33, the reference 4.10, allowed 5.00: 13 % under what is allowed`. */
function savedInWords({ name, value, limit }: Measurement, reference: readonly Measurement[]): string {
  const other = reference.find((measurement) => measurement.name === name)
  const theirs = other === undefined ? '' : `, the reference ${other.value.toFixed(2)}`
  const saved = Math.round(100 * (1 - value / limit))
  return `  ${name}: yours ${value.toFixed(2)}${theirs}, allowed ${limit.toFixed(2)}: ${saved} % under what is allowed`
}

/** The student's file and the reference, line by line, for each file of the lab. */
export function besideReference({ id, files }: Manifest, columns: number): string {
  return files
    .map((file) => {
      const read = (folder: string): string[] => {
        const path = join(folder, id, file)
        return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
      }
      return sideBySide([`your ${file}`, ...read(labsFolder)], [`the reference`, ...read(solutionsFolder)], columns)
    })
    .join('\n\n')
}
