import { onBeforeUnmount, type Ref } from 'vue'

/** When a box goes in which somebody is, the focus returns to where it was before: at the page's begin they were lost. */
export function useReturnFocus(box: Readonly<Ref<HTMLElement | undefined>>): void {
  const before = document.activeElement
  onBeforeUnmount(() => {
    if (box.value?.contains(document.activeElement) && before instanceof HTMLElement) before.focus()
  })
}
