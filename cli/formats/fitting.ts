import { CouldNotRun } from '../failure.ts'
import type { LabReport } from '../grading/report.ts'
import { wholeOf, type Whole } from './tests-of.ts'

/**
 * A report with at most so many bytes of UTF-8: what it quotes is cut to half until all of it fits. No test is left out;
 * throws {@link CouldNotRun} where there are too many of them.
 */
export function fitting(
  reports: readonly LabReport[],
  atMost: number,
  write: (whole: Whole) => string,
  { message, output } = { message: 8000, output: 20_000 },
): string {
  const text = write(wholeOf(reports, { message, output }))
  if (Buffer.byteLength(text) <= atMost) return text
  if (message >= 16) return fitting(reports, atMost, write, { message: message / 2, output: output / 2 })
  throw new CouldNotRun(
    `The report would have more than the ${atMost} bytes that this platform takes.`,
    'Grade fewer labs at once.',
  )
}
