import { Hello, LocalSubject } from '@peerlab/engine'
import type { Contract, SubjectFactory } from './contract.ts'
import type { Draw } from './draw.ts'
import { judgeCases, type Bench, type Case, type Property } from './judge.ts'

const answersHello: Property = {
  title: 'your node answers a hello with a welcome',
  check(evidence) {
    for (const { kind, node, number, time, subject, peer } of evidence.trace.events()) {
      if (kind !== 'message' || node !== 1 || (subject as { readonly type: string }).type !== 'hello') continue
      const answers = evidence.sentBy(number).filter(({ to, message }) => to === peer && message.type === 'welcome')
      if (answers.length === 1) continue
      return {
        expected: "node 1 to call host.send(from, { type: 'welcome' }) once",
        happened: `at ${Number(time.toFixed(1))} ms node 1 got a hello from node ${peer} and sent ${answers.length} welcomes`,
        at: number,
      }
    }
    return undefined
  },
}

const reference = async (): Promise<LocalSubject> => new LocalSubject({ Hello })

export const helloContract: Contract = {
  lab: '00-hello',
  tasks: (draw) => [{ id: 'answer', check: (subject) => judgeCases(casesFor(draw), benchFor(subject)) }],
}

function casesFor(draw: Draw): readonly Case[] {
  return draw
    .seeds('answer', [11])
    .map((seed) => ({ spec: { scenario: 'hello', seed, parameters: { size: 8 } }, properties: [answersHello] }))
}

function benchFor(subject: SubjectFactory): Bench {
  return { subject, reference, class: 'Hello', witness: (evidence) => evidence }
}
