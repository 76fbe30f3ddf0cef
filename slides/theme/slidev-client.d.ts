/**
 * What this theme uses of Slidev's client. The package ships sources that do not pass our compiler's settings, so the
 * type check of the slides sees this file in its place; see `paths` in tsconfig.json.
 */
import type { ComputedRef, Ref } from 'vue'

export function useIsSlideActive(): ComputedRef<boolean>
export function useDarkMode(): { readonly isDark: Ref<boolean> }
export function useNav(): {
  readonly slides: Ref<readonly SlideRoute[]>
  readonly currentSlideNo: ComputedRef<number>
  readonly currentPage: ComputedRef<number>
  next(): Promise<void>
}
export function useSlideContext(): {
  readonly $clicks: Ref<number>
  readonly $page: Ref<number>
  readonly $renderContext: Ref<string>
  readonly $frontmatter: { readonly [name: string]: unknown }
  readonly $route: SlideRoute | undefined
}

export interface SlideRoute {
  readonly no: number
  readonly meta: {
    readonly slide: { readonly title?: string; readonly frontmatter: { readonly [name: string]: unknown } }
  }
}
