/**
 * A control that was used with the pointer gives the keyboard back to the deck, or the next press of a presenter's remote
 * would do nothing. Whoever goes by keyboard keeps the focus, and so does a field that is typed into.
 */
export default function giveKeyboardBack(): void {
  let isByPointer = false
  addEventListener('pointerdown', () => (isByPointer = true), true)
  addEventListener(
    'keydown',
    ({ key }) => {
      // Held while the pointer does something, as for a question to a node.
      if (!['Shift', 'Control', 'Alt', 'Meta'].includes(key)) isByPointer = false
    },
    true,
  )
  const release = ({ type }: Event): void => {
    const focused = document.activeElement
    if (!isByPointer || !(focused instanceof HTMLElement)) return
    // A list is open once it was clicked, and done once it was changed.
    if (
      focused.matches(
        type === 'change'
          ? 'select'
          : 'button, a, summary, [tabindex]:not(input, textarea), input:is([type=range], [type=checkbox])',
      )
    )
      focused.blur()
  }
  addEventListener('click', release)
  addEventListener('change', release)
}
