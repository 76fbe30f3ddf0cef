/** What is done in the planned demos of this deck, in the form that a replay link has it. */

interface Planned {
  readonly time: number
  readonly input: { readonly action: string; readonly with: Readonly<Record<string, number | boolean>> }
}

const at = (time: number, action: string, values: Planned['input']['with'] = {}): Planned => ({
  time,
  input: { action, with: values },
})

/** 18 of 60 peers crash before the rumor starts: every seventh, so that they are spread over the network. */
export const crashes: readonly Planned[] = Array.from({ length: 18 }, (_, index) =>
  at(0, 'crash', { node: (index * 7 + 3) % 60 }),
)

/** Half of the network is cut off before peer 5 publishes, and comes back after three seconds. */
export const cutAndHeal: readonly Planned[] = [
  at(0, 'cut', { share: 0.5 }),
  at(100, 'publish', { node: 5 }),
  at(3000, 'heal'),
]
