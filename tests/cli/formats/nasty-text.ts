import { fc } from '../../support/fast-check.ts'

/** What has a meaning in some format, or breaks one that is careless. */
const pieces = [
  ']]>',
  '<script>alert(1)</script>',
  '&amp;',
  '<!--',
  '"',
  "'",
  '\\',
  '`'.repeat(3),
  '~~~',
  '[a](javascript:alert(1))',
  '![](http://example.org/a.png)',
  '=HYPERLINK("http://example.org")',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  ',',
  ';',
  '\r',
  '\n',
  '\r\n',
  '\u0000',
  '\u0007',
  '\u001b[31m',
  '\u001b]0;title\u0007',
  '\u0085',
  '\u009b1m',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ud83d',
  '\ude00',
  '😀',
  '::error file=a::b',
  '%0A',
  '$(id)',
  'ü',
] as const

/** Text as somebody chooses it who wants to break a report, lone surrogates included. */
export const nastyText = fc
  .array(
    fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 }), fc.string({ maxLength: 6 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''))
