/** Pieces of an SVG file. */

type Attributes = { readonly [name: string]: string | number | undefined }

/** An element; what stands in it is markup already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(typeof value === 'number' ? short(value) : value!)}"`)
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escape(content))
}

export function line(from: readonly [number, number], to: readonly [number, number], attributes: Attributes): string {
  return element('line', { x1: from[0], y1: from[1], x2: to[0], y2: to[1], ...attributes })
}

/** Markup, quotes, and what XML 1.0 does not have at all. */
export function escape(content: string): string {
  return content
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A hundredth of a pixel is nothing that one sees. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Round numbers from `min` to `max`, about so many: steps of 1, 2 or 5 times a power of ten. */
export function ticks(min: number, max: number, count: number): number[] {
  if (!(max > min)) return [min]
  const rough = (max - min) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999)!
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  // i * step alone would be 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}
