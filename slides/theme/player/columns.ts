/** A typed array that grows as values are added. */
export class Column<T extends Float64Array | Int32Array | Uint8Array> {
  #values: T
  #length = 0
  readonly #make: (length: number) => T

  constructor(make: (length: number) => T) {
    this.#make = make
    this.#values = make(1024)
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(2 * this.#length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  get(index: number): number {
    return this.#values[index]!
  }

  set(index: number, value: number): void {
    this.#values[index] = value
  }

  /** The values so far, in an array of their own. */
  take(): T {
    return this.#values.slice(0, this.#length) as T
  }
}

export const float64 = (): Column<Float64Array> => new Column((length) => new Float64Array(length))
export const int32 = (): Column<Int32Array> => new Column((length) => new Int32Array(length))
export const uint8 = (): Column<Uint8Array> => new Column((length) => new Uint8Array(length))
