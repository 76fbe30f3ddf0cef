/** Numbers, names and tables as people read them. */

/** `1,234.5`: at most `decimals` digits behind the point. */
export function formatNumber(value: number, decimals = 2): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals })
}

/** `643.2 ms`, or `12.34 s` from ten seconds on. */
export function formatMillis(millis: number): string {
  return millis < 10_000 ? `${formatNumber(millis, 1)} ms` : `${formatNumber(millis / 1000)} s`
}

/** `97.5 %`. Never rounds up to all or down to nothing. */
export function formatShare(share: number): string {
  const percent = Math.floor(share * 1000) / 10
  return share > 0 && percent === 0 ? 'under 0.1 %' : `${formatNumber(percent, 1)} %`
}

/** `1 node`, `3 nodes`: for units in the plural, as scenarios have them. */
export function formatCount(value: number, unit: string): string {
  if (unit === 'share') return formatShare(value)
  if (unit === 'ms') return formatMillis(value)
  return `${formatNumber(value)} ${value === 1 ? unit.replace(/s$/, '') : unit}`.trimEnd()
}

/** Rows of equal columns, each as wide as its widest cell; the last is not padded. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), [])
  return rows.map((row) => (indent + row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')).trimEnd())
}

/** Cuts from the middle of a long line around what matters. */
export function excerpt(text: string, around: number, length: number): string {
  if (text.length <= length) return text
  const start = Math.max(0, Math.min(around - Math.floor(length / 3), text.length - length))
  const end = start + length
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}
