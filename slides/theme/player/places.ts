import type { RecordingData } from './recording.ts'

/** Beyond this many nodes, squares stand for many nodes each. */
export const maxDots = 12_000

/** Free space around the network, in CSS pixels. */
export const margin = 28

/** Room for the line that says what is going on. */
export const footer = 22

/** Where the nodes of a recording stand in a view of a certain size, in CSS pixels. */
export interface Places {
  readonly width: number
  readonly height: number
  readonly x: Float32Array
  readonly y: Float32Array
  /** The size of a node's disc: large where there is room. */
  readonly radius: number
}

export function placesIn({ size, positions }: RecordingData, width: number, height: number): Places {
  const x = new Float32Array(size)
  const y = new Float32Array(size)
  for (let node = 0; node < size; node++) {
    x[node] = margin + positions[2 * node]! * (width - 2 * margin)
    y[node] = margin + positions[2 * node + 1]! * (height - 2 * margin - footer)
  }
  const radius = Math.min(11, Math.max(1.2, 0.28 * Math.sqrt((width * height) / size)))
  return { width, height, x, y, radius }
}

/** The node at a place, within a finger's breadth; undefined where there is none. */
export function nodeAt({ x, y, radius }: Places, atX: number, atY: number): number | undefined {
  let best: number | undefined
  let nearest = (radius + 8) ** 2
  for (let node = 0; node < x.length; node++) {
    const distance = (atX - x[node]!) ** 2 + (atY - y[node]!) ** 2
    if (distance < nearest) [best, nearest] = [node, distance]
  }
  return best
}

/** How many nodes a square stands for, and how the squares are laid out. */
export function cellsFor(
  size: number,
  width: number,
  height: number,
): { columns: number; rows: number; perCell: number } {
  const perCell = Math.ceil(size / 1500)
  const cells = Math.ceil(size / perCell)
  const columns = Math.ceil(Math.sqrt((cells * width) / height))
  return { columns, rows: Math.ceil(cells / columns), perCell }
}
