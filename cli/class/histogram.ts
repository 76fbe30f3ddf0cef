import { html, type Markup } from './html.ts'

const bins = 10
const [width, height] = [900, 220]
const [left, top, bottom] = [10, 26, 34]

/** How many have 0 to under 10 %, and so on; full marks are in the last. */
export function binsOf(shares: readonly number[]): number[] {
  const counts = Array.from({ length: bins }, () => 0)
  for (const share of shares) counts[Math.min(bins - 1, Math.max(0, Math.floor(share * bins + 1e-9)))]!++
  return counts
}

/** Bars with their counts over them: the picture says nothing that its text does not. */
export function histogram(shares: readonly number[]): Markup {
  const counts = binsOf(shares)
  const most = Math.max(1, ...counts)
  const step = (width - 2 * left) / bins
  const room = height - top - bottom
  const words = counts.map((count, i) => `${i * 10} to ${(i + 1) * 10} %: ${count}`).join(', ')
  return html`<figure>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
      <line class="axis" x1="${left}" x2="${width - left}" y1="${height - bottom}" y2="${height - bottom}" />
      ${counts.map((count, i) => bar(left + i * step, step, (count / most) * room, count, i))}
      <text class="soft" x="${width - left}" y="${height - 8}" text-anchor="end">100 %</text>
    </svg>
    <figcaption>Score as a share of the points that there are, and how many students have it.</figcaption>
  </figure>`
}

function bar(x: number, step: number, size: number, count: number, number: number): Markup {
  const y = height - bottom - size
  const label = count === 0 ? null : html`<text x="${x + step / 2}" y="${y - 7}" text-anchor="middle">${count}</text>`
  return html`<rect class="bar" x="${x + 3}" y="${y}" width="${step - 6}" height="${size}" />${label}
    <text class="soft" x="${x}" y="${height - 8}">${number * 10}</text> `
}
