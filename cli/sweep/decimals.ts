/** A number as it is written in decimals: `units · 10^-places`. Binary fractions would make 0.1 + 0.2 of 0.3. */
interface Decimal {
  readonly units: bigint
  readonly places: number
}

/** From `first` in steps of `step`, `count` numbers. */
export interface DecimalRange {
  readonly first: Decimal
  readonly step: Decimal
  readonly count: number
}

const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i

/** Undefined for what is no number. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = written.exec(text.trim()) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  const places = fraction.length - Number(exponent)
  const units = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
  return places < 0 ? { units: units * 10n ** BigInt(-places), places: 0 } : { units, places }
}

/** The double next to it: what the same number gives when it is typed. */
export function toNumber({ units, places }: Decimal): number {
  return Number(`${units}e${-places}`)
}

export function isWhole({ units, places }: Decimal): boolean {
  return units % 10n ** BigInt(places) === 0n
}

/** Up to `last`, which is one of them only if the steps meet it. Null where it leads the wrong way or nowhere. */
export function decimalRange(first: Decimal, last: Decimal, step: Decimal): DecimalRange | null {
  const places = Math.max(first.places, last.places, step.places)
  const [from, to, by] = [first, last, step].map((decimal) => at(decimal, places)) as [bigint, bigint, bigint]
  if (by <= 0n || to < from) return null
  const scaled = (units: bigint): Decimal => ({ units, places })
  return { first: scaled(from), step: scaled(by), count: Number((to - from) / by) + 1 }
}

export function valuesOf({ first, step, count }: DecimalRange): number[] {
  const nth = (i: number): Decimal => ({ units: first.units + BigInt(i) * step.units, places: first.places })
  return Array.from({ length: count }, (_, i) => toNumber(nth(i)))
}

function at({ units, places }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - places)
}
