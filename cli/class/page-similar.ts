import { cutText } from '../formats/safe-text.ts'
import { html, type Markup } from './html.ts'
import type { Lines, Match, Program, SimilarPair } from './similarity.ts'
import type { LabSimilarity } from './write-outputs.ts'

/** The page stays one that a browser opens at once: more pairs are counted and not shown. */
const mostPairs = 30
const mostMatches = 12
const mostLines = 60

/** Pairs whose code is alike, with the lines that are. */
export function similarSection(similarities: readonly LabSimilarity[]): Markup {
  return html`<h2 id="similar">Similar pairs</h2>
    <p class="soft">
      Fingerprints of the code by winnowing (Schleimer, Wilkerson, Aiken 2003): names, numbers, texts and comments do
      not matter; the starter, the solution and the engine’s protocols are left out, and so is what more than ten
      submissions have. A share is of the smaller one’s own fingerprints. It is a reason to read both, and no proof:
      small tasks have few good solutions.
    </p>
    ${similarities.map(labPairs)}`
}

function labPairs({ lab, pairs }: LabSimilarity): Markup {
  const left = pairs.length - mostPairs
  return html`<h3>${lab}</h3>
    <div class="panel">
      ${pairs.length === 0 ? html`No two are so similar that it would be worth reading.` : pairs.slice(0, mostPairs).map(pairDetails)}
      ${left > 0 ? html`<p>${left} more pairs over the threshold.</p>` : null}
    </div>`
}

function pairDetails({ left, right, share, shared, matches }: SimilarPair): Markup {
  const more = matches.length - mostMatches
  return html`<details>
    <summary>
      <b>${Math.round(share * 100)} %</b> ${left.name} and ${right.name}
      <span class="soft"
        >${shared} fingerprints, ${matches.length} ${matches.length === 1 ? 'stretch' : 'stretches'}</span
      >
    </summary>
    ${matches.slice(0, mostMatches).map((match) => sides(left, right, match))}
    ${more > 0 ? html`<p class="soft">${more} more.</p>` : null}
  </details> `
}

function sides(left: Program, right: Program, match: Match): Markup {
  return html`<div class="sides">${side(left, match.left)}${side(right, match.right)}</div> `
}

function side({ name, files }: Program, { path, from, to }: Lines): Markup {
  const lines = (files.find((file) => file.path === path)?.text ?? '').split(/\r?\n/)
  const shown = lines.slice(from - 1, Math.min(to, from - 1 + mostLines))
  const text = shown.map((line, i) => `${String(from + i).padStart(4)}  ${cutText(line, 200)}`).join('\n')
  return html`<div>
    <div class="soft">${name}: ${path}, lines ${from} to ${to}</div>
    <pre tabindex="0">${text}${shown.length < to - from + 1 ? '\n …' : ''}</pre>
  </div>`
}
