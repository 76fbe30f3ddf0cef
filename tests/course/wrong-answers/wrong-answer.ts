/** A solution with one mistake in it, and how the contract has to name the mistake. */
export interface WrongAnswer {
  /** Kebab-case: what is wrong. */
  readonly name: string
  /** Pieces of the solution and what stands in their place. Each piece occurs exactly once. */
  readonly changes: readonly (readonly [piece: string, instead: string])[]
  /** The task that has to catch it. */
  readonly task: string
  /** What the message has to say. */
  readonly says: RegExp
}

/** The solution with the mistake. Throws when a piece is not there once: then the list is out of date. */
export function applyMistake(solution: string, { name, changes }: WrongAnswer): string {
  return changes.reduce((source, [piece, instead]) => {
    const places = source.split(piece).length - 1
    if (places !== 1)
      throw new Error(`wrong answer ${name}: the piece "${piece}" occurs ${places} times in the solution`)
    return source.replace(piece, () => instead)
  }, solution)
}
