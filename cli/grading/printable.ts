/** What anybody wrote, safe to show: control characters but line ends and tabs, and lone surrogates, become U+FFFD. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '\ufffd')
}
