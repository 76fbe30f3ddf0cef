import type { Evidence } from '../../tests/contracts/evidence.ts'
import type { Property } from '../../tests/contracts/judge.ts'
import type { Refused } from './live-network.ts'

/** What was looked for in a live run; without a violation it holds. */
export interface LiveCheck {
  readonly title: string
  readonly violation: { readonly expected: string; readonly happened: string } | null
}

export interface ToCheck {
  readonly properties: readonly Property[]
  readonly evidence: Evidence
  readonly refused: readonly Refused[]
  readonly sent: number
  readonly maxMessages: number
  /** On which nodes listened. */
  readonly ports: readonly number[]
  /** Those of them that are free now. */
  readonly free: readonly number[]
}

/** The contract's properties, and what only real connections can break. */
export function checkRun({
  properties,
  evidence,
  refused,
  sent,
  maxMessages,
  ports,
  free,
}: ToCheck): readonly LiveCheck[] {
  const fromContract = properties.map(({ title, check }): LiveCheck => {
    const violation = check(evidence)
    return {
      title,
      violation: violation === undefined ? null : { expected: violation.expected, happened: violation.happened },
    }
  })
  const [first] = refused
  const taken = ports.filter((port) => !free.includes(port))
  return [
    ...fromContract,
    {
      title: 'every frame that came over a connection was a message of a node',
      violation:
        first === undefined
          ? null
          : {
              expected: 'no frame to be refused',
              happened: `${refused.length} were, the first by node ${first.node}: ${first.reason}`,
            },
    },
    {
      title: 'the messages come to an end',
      violation:
        sent <= maxMessages
          ? null
          : { expected: `at most ${maxMessages} messages`, happened: `${sent} were sent, and the run was stopped` },
    },
    {
      title: 'all ports are free afterwards',
      violation:
        taken.length === 0
          ? null
          : { expected: 'nobody to listen any more', happened: `these ports are still in use: ${taken.join(', ')}` },
    },
  ]
}
