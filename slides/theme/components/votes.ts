/**
 * The shows of hands, as the leader typed them: for each prediction's id, the hands for each option. They live as long
 * as the page. The presenter's window tells the audience's window, which may be on another screen.
 */
import { reactive } from 'vue'

export interface Prediction {
  readonly options: readonly string[]
  readonly answer: number | undefined
  hands: number[]
  /** Whether the leader has shown what happened. */
  isRevealed: boolean
}

type News = { readonly id: string; readonly hands: readonly number[]; readonly isRevealed: boolean }

const predictions = reactive(new Map<string, Prediction>())
/** What another window said of a prediction that this window has not drawn yet. */
const heard = new Map<string, News>()
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('peerlab-predictions')

channel?.addEventListener('message', ({ data }: MessageEvent<News>) => {
  heard.set(data.id, data)
  const known = predictions.get(data.id)
  if (known !== undefined) Object.assign(known, { hands: [...data.hands], isRevealed: data.isRevealed })
})

/** Called by the slide that asks. Asking again keeps the hands. */
export function ask(id: string, options: readonly string[], answer?: number): Prediction {
  const known = predictions.get(id)
  const news = heard.get(id)
  const hands = known?.hands ?? [...(news?.hands ?? options.map(() => 0))]
  predictions.set(id, { options, answer, hands, isRevealed: known?.isRevealed ?? news?.isRevealed ?? false })
  return predictions.get(id)!
}

export function predictionOf(id: string): Prediction | undefined {
  return predictions.get(id)
}

export function setHands(id: string, option: number, hands: number): void {
  const prediction = predictions.get(id)
  if (prediction === undefined) return
  prediction.hands[option] = Math.min(Math.max(Math.round(Number.isFinite(hands) ? hands : 0), 0), 999)
  tell(id, prediction)
}

export function setRevealed(id: string, isRevealed: boolean): void {
  const prediction = predictions.get(id)
  if (prediction === undefined) return
  prediction.isRevealed = isRevealed
  tell(id, prediction)
}

function tell(id: string, { hands, isRevealed }: Prediction): void {
  channel?.postMessage({ id, hands: [...hands], isRevealed } satisfies News)
}
