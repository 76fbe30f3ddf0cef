import wrapAnsi from 'wrap-ansi'

const between = ' │ '

/** Two texts in two columns. Long lines go on in the next line of their column, so nothing is cut off. */
export function sideBySide(left: readonly string[], right: readonly string[], columns: number): string {
  const width = Math.max(20, Math.floor((columns - between.length) / 2))
  const rows: string[] = []
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const here = broken(left[i] ?? '', width)
    const there = broken(right[i] ?? '', width)
    for (let j = 0; j < Math.max(here.length, there.length); j++) {
      rows.push(`${(here[j] ?? '').padEnd(width)}${between}${there[j] ?? ''}`.trimEnd())
    }
  }
  return rows.join('\n')
}

function broken(line: string, width: number): string[] {
  return wrapAnsi(line.replaceAll('\t', '  '), width, { hard: true, trim: false, wordWrap: false }).split('\n')
}
