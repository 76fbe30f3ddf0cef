/** asciichart ships without types. */
declare module 'asciichart' {
  export interface PlotConfig {
    readonly min?: number
    readonly max?: number
    /** Rows between the smallest and the largest value. */
    readonly height?: number
    /** Columns of the axis, the label being one of them. */
    readonly offset?: number
    readonly format?: (value: number, row: number) => string
    /** Ten characters that lines are made of. */
    readonly symbols?: readonly string[]
  }

  export function plot(series: readonly number[], config?: PlotConfig): string
}
