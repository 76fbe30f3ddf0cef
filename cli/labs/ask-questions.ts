import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { isRight, type Question } from '../../tests/contracts/questions.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../failure.ts'
import { Grader } from '../grading/grader.ts'
import { asked } from '../grading/questions-in-words.ts'
import { askedLab } from './asked-lab.ts'
import { labsFolder } from './manifest.ts'
import { ProgressFile } from './progress.ts'

/** `peerlab lab questions`: asks about a run of the student's own code, and says what the trace says. */
export async function askQuestions(context: Context, lab: string | undefined): Promise<void> {
  const { out } = context
  const manifest = askedLab(lab, new ProgressFile())
  const grader = new Grader()
  try {
    const folder = join(labsFolder, manifest.id)
    const { questions = [] } = await grader.judge(manifest, { folder, tasks: [], questions: true })
    const [first] = questions
    if (first === undefined) {
      out.line(`There is nothing to ask about ${manifest.id} yet: its code has to get through a run first.`)
      out.line(`See what is missing with: npx peerlab lab watch ${manifest.id}`)
      process.exitCode = exitCodes.checksFailed
      return
    }
    out.line(`Look at this run of your own code, then answer:\n  npx peerlab run '${first.replay}'\n`)
    if (process.stdin.isTTY) await askEach(context, questions)
    else for (const [i, question] of questions.entries()) out.line(`${i + 1}. ${asked(question)}`)
  } finally {
    await grader.close()
  }
}

/** An empty answer shows the right one. */
async function askEach({ out }: Context, questions: readonly Question[]): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  let right = 0
  try {
    for (const [i, question] of questions.entries()) {
      out.line(`${out.bold(`${i + 1}.`)} ${asked(question)}`)
      const given = await lines.question('   > ')
      if (isRight(question, given)) {
        right++
        out.line(`   ${out.green('Right.')} ${question.because}\n`)
      } else
        out.line(
          `   ${given.trim() === '' ? 'It is' : out.yellow('No: it is')} ${question.answer}. ${question.because}\n`,
        )
    }
    out.line(`${right} of ${questions.length} right.`)
  } finally {
    lines.close()
  }
}
