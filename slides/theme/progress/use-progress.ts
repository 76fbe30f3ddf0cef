import { onUnmounted, shallowRef, type Ref } from 'vue'
import { newsEvent, questionEvent, type ProgressNews } from './news.ts'

/** Whether there is a development server that tells progress. The built site has none. */
export const isProgressTold = import.meta.hot !== undefined

/** The student's progress, kept up to date while the component is there; undefined until the server answers. */
export function useProgress(): Readonly<Ref<ProgressNews | undefined>> {
  const news = shallowRef<ProgressNews>()
  const { hot } = import.meta
  if (hot === undefined) return news
  const hear = (data: ProgressNews): void => {
    news.value = data
  }
  hot.on(newsEvent, hear)
  hot.send(questionEvent)
  onUnmounted(() => hot.off(newsEvent, hear))
  return news
}
