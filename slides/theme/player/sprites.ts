import type { Tone } from '@peerlab/engine'

/** The theme's colours as the canvas needs them. */
export interface Palette {
  readonly tones: { readonly [tone in Tone]: string }
  readonly ink: string
  readonly panel: string
  readonly link: string
}

const tones: readonly Tone[] = ['idle', 'dead', 'a', 'b', 'c', 'd']

/** What a packet looks like: on its way, marked as waste when it arrives, or lost. */
export type PacketShape = 'plain' | 'marked' | 'lost'
const shapes: readonly PacketShape[] = ['plain', 'marked', 'lost']

/**
 * Pictures of all that a network view is made of, drawn once for a size and a palette: copying a picture costs a tenth
 * of drawing a disc, and there are thousands of them in a frame. Sizes are device pixels.
 */
export class Sprites {
  readonly #sheet: ImageBitmap
  /** The edge of a node's square in the sheet, and of a packet's. */
  readonly #node: number
  readonly #packet: number

  /**
   * @param radius of a node, in CSS pixels
   * @param scale device pixels in a CSS pixel
   */
  constructor(radius: number, scale: number, palette: Palette) {
    const packetRadius = Math.max(1.5, radius * 0.42)
    this.#node = even(2 * (radius * 1.6 + 1) * scale)
    this.#packet = even(2 * (packetRadius * 1.4 + 1) * scale)
    const width = tones.length * Math.max(this.#node, shapes.length * this.#packet)
    const sheet = new OffscreenCanvas(width, this.#node + this.#packet)
    const context = sheet.getContext('2d')!
    for (const [i, tone] of tones.entries()) {
      centered(context, scale, (i + 0.5) * this.#node, this.#node / 2, () => {
        drawNode(context, tone, radius, palette)
      })
      for (const [j, shape] of shapes.entries()) {
        const x = (i * shapes.length + j + 0.5) * this.#packet
        centered(context, scale, x, this.#node + this.#packet / 2, () => {
          drawPacket(context, shape, packetRadius, palette.tones[tone])
        })
      }
    }
    this.#sheet = sheet.transferToImageBitmap()
  }

  /** The edge of the square that a node's picture covers. */
  get nodeEdge(): number {
    return this.#node
  }

  /** Puts a node's picture with its center at a device pixel. */
  node(context: CanvasRenderingContext2D, tone: Tone, x: number, y: number): void {
    const edge = this.#node
    this.#copy(context, tones.indexOf(tone) * edge, 0, edge, x, y)
  }

  packet(context: CanvasRenderingContext2D, tone: Tone, shape: PacketShape, x: number, y: number): void {
    const edge = this.#packet
    const at = tones.indexOf(tone) * shapes.length + shapes.indexOf(shape)
    this.#copy(context, at * edge, this.#node, edge, x, y)
  }

  /** On whole pixels: nothing has to be smoothed. */
  #copy(context: CanvasRenderingContext2D, fromX: number, fromY: number, edge: number, x: number, y: number): void {
    const half = edge / 2
    context.drawImage(this.#sheet, fromX, fromY, edge, edge, Math.round(x - half), Math.round(y - half), edge, edge)
  }
}

function even(length: number): number {
  return 2 * Math.ceil(length / 2)
}

function centered(
  context: OffscreenCanvasRenderingContext2D,
  scale: number,
  x: number,
  y: number,
  drawAtOrigin: () => void,
): void {
  context.setTransform(scale, 0, 0, scale, x, y)
  context.beginPath()
  drawAtOrigin()
}

/** Each tone has its own shape as well, for those who do not see its colour. */
function drawNode(
  context: OffscreenCanvasRenderingContext2D,
  tone: Tone,
  radius: number,
  { tones, panel }: Palette,
): void {
  context.fillStyle = tones[tone]
  context.strokeStyle = tones[tone]
  context.lineWidth = Math.max(1, radius * 0.28)
  switch (tone) {
    case 'idle':
      context.arc(0, 0, radius - context.lineWidth / 2, 0, 2 * Math.PI)
      context.fillStyle = panel
      context.fill()
      return context.stroke()
    case 'dead':
      cross(context, radius * 0.75)
      return context.stroke()
    case 'a':
      context.arc(0, 0, radius, 0, 2 * Math.PI)
      return context.fill()
    case 'b':
      diamond(context, radius * 1.15)
      return context.fill()
    case 'c':
      context.rect(-radius * 0.9, -radius * 0.9, radius * 1.8, radius * 1.8)
      return context.fill()
    case 'd':
      context.arc(0, 0, radius * 0.62, 0, 2 * Math.PI)
      context.fill()
      context.beginPath()
      context.arc(0, 0, radius * 1.25, 0, 2 * Math.PI)
      return context.stroke()
  }
}

function drawPacket(
  context: OffscreenCanvasRenderingContext2D,
  shape: PacketShape,
  radius: number,
  colour: string,
): void {
  context.fillStyle = colour
  context.strokeStyle = colour
  context.lineWidth = Math.max(1, radius * 0.5)
  if (shape === 'lost') {
    cross(context, radius)
    return context.stroke()
  }
  if (shape === 'marked') diamond(context, radius * 1.3)
  else context.arc(0, 0, radius, 0, 2 * Math.PI)
  context.fill()
}

function cross(context: OffscreenCanvasRenderingContext2D, arm: number): void {
  context.moveTo(-arm, -arm)
  context.lineTo(arm, arm)
  context.moveTo(arm, -arm)
  context.lineTo(-arm, arm)
}

function diamond(context: OffscreenCanvasRenderingContext2D, radius: number): void {
  context.moveTo(0, -radius)
  context.lineTo(radius, 0)
  context.lineTo(0, radius)
  context.lineTo(-radius, 0)
  context.closePath()
}
