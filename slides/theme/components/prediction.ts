/** A question that the room answers by a show of hands, before the demo answers it. */
export interface Prediction {
  /** Names the prediction, in all decks, so that a later slide can show the hands again. */
  readonly id: string
  readonly question: string
  readonly options: readonly string[]
  /** The option that the demo shows: 0 is the first. */
  readonly answer: number
}
