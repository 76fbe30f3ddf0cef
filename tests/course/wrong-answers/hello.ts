import type { WrongAnswer } from './wrong-answer.ts'

export const helloWrongAnswers: readonly WrongAnswer[] = [
  {
    name: 'still-a-comment',
    changes: [["this.#host.send(from, { type: 'welcome' })", '']],
    task: 'answer',
    says: /sent 0 welcomes/,
  },
  {
    name: 'answers-twice',
    changes: [
      [
        "this.#host.send(from, { type: 'welcome' })",
        "this.#host.send(from, { type: 'welcome' })\n    this.#host.send(from, { type: 'welcome' })",
      ],
    ],
    task: 'answer',
    says: /sent 2 welcomes/,
  },
]
