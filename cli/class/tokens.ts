/** A word of a program, as it is compared: names, numbers and texts are only that. */
export interface Token {
  readonly kind: string
  /** From 1. */
  readonly line: number
}

const keywords = new Set(
  (
    'abstract any as async await boolean break case catch class const continue debugger default delete do else enum ' +
    'export extends false finally for from function get if implements import in instanceof interface is keyof let never new ' +
    'null number of override private protected public readonly return set static string super switch this throw true try ' +
    'type typeof undefined unique unknown var void while with yield'
  ).split(' '),
)

/** The kinds of pieces, tried in this order. */
const pieces = {
  blank: /\s+|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)/u,
  name: /#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/u,
  number: /\.?\d(?:[eE][+-]|[\w.])*/u,
  text: /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?|`(?:[^`\\]|\\[^])*`?/u,
  // The last of all takes any character, so it always goes on.
  sign: /=>|\?\.|\?\?=?|&&=?|\|\|=?|[=!]==?|[<>]=?|\+\+|--|[-+*/%&|^]=?|\.\.\.|[^]/u,
}

/** Each piece begins where the last one ended. */
const piece = new RegExp(
  Object.entries(pieces)
    .map(([kind, { source }]) => `(?<${kind}>${source})`)
    .join('|'),
  'uyg',
)

/**
 * The tokens of TypeScript, as far as comparing needs them: comments and blanks are left out, every name is `n`, every
 * number `0`, every text `s`. Takes any text, and says something sensible of broken programs, too. A text between
 * backticks is one token with all that is in it, and a regular expression may come out as signs.
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (const { 0: found, groups = {} } of text.matchAll(piece)) {
    const { name, number, text: quoted, sign } = groups
    const kind =
      name !== undefined
        ? keywords.has(name)
          ? name
          : 'n'
        : number !== undefined
          ? '0'
          : quoted !== undefined
            ? 's'
            : sign
    // Whether somebody writes it or not says nothing.
    if (kind !== undefined && kind !== ';' && kind !== ',') tokens.push({ kind, line })
    line += countLines(found)
  }
  return tokens
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
