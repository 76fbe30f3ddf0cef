import { explainPacket, Run, Trace, type SentPacket } from '@peerlab/engine'
import { expect, test } from 'vitest'

/** A run of a lossy push, and every packet that was seen leaving or being lost before it could. */
function lossyRun(until?: number) {
  const trace = new Trace()
  const sent: (SentPacket & { readonly isLost: boolean })[] = []
  const watch = {
    onSend: (_time: number, from: number, to: number, _message: unknown, _arrival: number, cause: number) =>
      void sent.push({ cause, from, to, isLost: false }),
    onDrop: (_time: number, from: number, to: number, _message: unknown, _reason: string, cause: number) =>
      void sent.push({ cause, from, to, isLost: true }),
  }
  const run = new Run(
    { scenario: 'gossip', seed: 7, parameters: { style: 'push', loss: 0.3 } },
    { observe: () => [trace, watch] },
  )
  run.finish(until === undefined ? {} : { until })
  return { trace, sent, now: run.session.simulation.now }
}

test('a packet is explained by the chain that ends in its arrival, or in its loss', () => {
  const { trace, sent } = lossyRun()
  expect(new Set(sent.map(({ isLost }) => isLost)).size).toBe(2)
  for (const { isLost, ...packet } of sent) {
    const { answer, steps } = explainPacket(trace, packet)
    const { from, to } = packet
    if (isLost) expect(answer).toMatch(new RegExp(`^node ${from} sent rumor .* to node ${to}, and it was lost: loss$`))
    else expect(answer).toMatch(new RegExp(`^node ${to} got rumor .* from node ${from} at `))
    expect(steps[0]!.text).toMatch(/^was told to publish/)
    expect(steps.at(-1)!.node).toBe(isLost ? from : to)
    for (const [i, step] of steps.entries()) expect(step.time).toBeGreaterThanOrEqual(steps[i - 1]?.time ?? 0)
  }
})

test('what has not arrived yet is said to be on its way', () => {
  const { trace, sent } = lossyRun(60)
  const answers = sent.filter(({ isLost }) => !isLost).map((packet) => explainPacket(trace, packet).answer)
  expect(answers.filter((answer) => answer.endsWith('is still on its way')).length).toBeGreaterThan(0)
  expect(answers.filter((answer) => answer.includes(' got ')).length).toBeGreaterThan(0)
})
