import type { Question } from '../../tests/contracts/questions.ts'

/** The questions, and after all of them the answers: whoever asks can cut between the two. */
export function questionsInWords(questions: readonly Question[]): string {
  const run = questions[0]?.replay ?? ''
  return [
    `Questions on this run of the code: npx peerlab run '${run}'`,
    ...questions.map((question, i) => `  ${i + 1}. ${asked(question)}`),
    'Answers',
    ...questions.map(({ answer, because }, i) => `  ${i + 1}. ${answer}: ${because}`),
  ].join('\n')
}

/** A question with what there is to choose from. */
export function asked({ text, options }: Question): string {
  const choices = (options ?? []).map((option, i) => `${String.fromCharCode(97 + i)}) ${option}`)
  return choices.length === 0 ? text : `${text}  ${choices.join('  ')}`
}
