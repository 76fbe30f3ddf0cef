import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** Begins the keys of what JSON cannot say. A key of the data's own that begins so gets one more. */
const mark = '~'
const minusZero = '-0'

/** Plain data as one line of text: JSON, with marks for byte arrays and for -0. */
export function toText(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (Object.is(value, -0)) return { [mark]: minusZero }
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Uint8Array) return { [mark]: bytesToHex(value) }
    if (Array.isArray(value) || !Object.keys(value).some((key) => key.startsWith(mark))) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key.startsWith(mark) ? mark + key : key, field as unknown]),
    )
  })
}

/** Makes the data again. Throws for whatever {@link toText} never writes; the text may come from anybody. */
export function fromText(text: string): unknown {
  return text.includes(`"${mark}`) ? JSON.parse(text, unmark) : JSON.parse(text)
}

function unmark(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  if (!entries.some(([key]) => key.startsWith(mark))) return value
  const [[key, field] = ['', undefined]] = entries
  if (key === mark && entries.length === 1) {
    if (field === minusZero) return -0
    return hexToBytes(field as string)
  }
  return Object.fromEntries(
    entries.map(([name, each]) => [name.startsWith(mark) ? name.slice(mark.length) : name, each]),
  )
}
