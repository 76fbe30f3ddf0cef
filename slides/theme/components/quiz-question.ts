/** One question of a `Quiz`. */
export interface QuizQuestion {
  readonly question: string
  readonly options: readonly { readonly text: string; readonly right?: boolean }[]
  /** Why the right one is right, and where the others come from. */
  readonly because: string
}
