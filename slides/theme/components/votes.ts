/**
 * The shows of hands, as the leader typed them: for each prediction's id, the hands for each option. They live as long
 * as a window does. Windows of one browser tell each other, so what is typed in the presenter's view stands on the
 * projector as well, and a window that opens later hears of it.
 */
import { reactive } from 'vue'

export interface Prediction {
  readonly options: readonly string[]
  readonly answer: number | undefined
  readonly hands: readonly number[]
  /** Whether the leader has shown what happened. */
  readonly isRevealed: boolean
}

type News = { readonly id: string; readonly prediction: Prediction } | 'what did you hear?'

const predictions = reactive(new Map<string, Prediction>())
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('peerlab-predictions')

channel?.addEventListener('message', ({ data }: MessageEvent<News>) => {
  if (data !== 'what did you hear?') predictions.set(data.id, data.prediction)
  else for (const id of predictions.keys()) tell(id)
})
channel?.postMessage('what did you hear?' satisfies News)

/** Called by the slide that asks. Asking again keeps the hands, unless there are other options now. */
export function ask(id: string, options: readonly string[], answer?: number): void {
  const known = predictions.get(id)
  const hands = known?.options.length === options.length ? known.hands : options.map(() => 0)
  predictions.set(id, { options: [...options], answer, hands, isRevealed: known?.isRevealed ?? false })
}

export function predictionOf(id: string): Prediction | undefined {
  return predictions.get(id)
}

export function setHands(id: string, option: number, hands: number): void {
  const count = Math.min(Math.max(Math.round(Number.isFinite(hands) ? hands : 0), 0), 999)
  change(id, (known) => ({ ...known, hands: known.hands.map((before, index) => (index === option ? count : before)) }))
}

export function setRevealed(id: string, isRevealed: boolean): void {
  change(id, (known) => ({ ...known, isRevealed }))
}

function change(id: string, by: (known: Prediction) => Prediction): void {
  const known = predictions.get(id)
  if (known === undefined) return
  predictions.set(id, by(known))
  tell(id)
}

function tell(id: string): void {
  const { options, answer, hands, isRevealed } = predictions.get(id)!
  // A channel copies plain data only, and what the map hands out is reactive.
  const prediction = { options: [...options], answer, hands: [...hands], isRevealed }
  channel?.postMessage({ id, prediction } satisfies News)
}
