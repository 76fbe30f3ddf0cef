import type { Scenario, Tone } from '@peerlab/engine'
import { fates, type FlyingPacket, type Recording } from './recording.ts'

/** The theme's colours as the canvas needs them. */
export interface Palette {
  readonly tones: { readonly [tone in Tone]: string }
  readonly ink: string
  readonly panel: string
  readonly link: string
}

/** What is drawn, and where. Sizes are CSS pixels of the view. */
export interface Scene {
  readonly recording: Recording
  readonly scenario: Scenario
  readonly time: number
  readonly width: number
  readonly height: number
  readonly palette: Palette
  /** The node that the keyboard or the pointer has chosen. */
  readonly selected: number | undefined
  /** With reduced motion a packet stands in the middle of its way instead of travelling. */
  readonly isStill: boolean
}

/** At most this many packets are drawn. */
export const maxPackets = 3000

/** Beyond this many nodes, squares stand for many nodes each. */
export const maxDots = 12_000

const margin = 28

/** Room for the line that says what is going on. */
const footer = 22

/** Where a node stands in the view. */
export function placeOf(
  { recording: { data }, width, height }: Pick<Scene, 'recording' | 'width' | 'height'>,
  node: number,
): [x: number, y: number] {
  const { positions } = data
  return [
    margin + positions[2 * node]! * (width - 2 * margin),
    margin + positions[2 * node + 1]! * (height - 2 * margin - footer),
  ]
}

/** The size of a node's disc: large where there is room. */
export function radiusFor(size: number, width: number, height: number): number {
  return Math.min(11, Math.max(1.2, 0.28 * Math.sqrt((width * height) / size)))
}

/** The node at a place, within a finger's breadth; undefined where there is none. */
export function nodeAt(scene: Pick<Scene, 'recording' | 'width' | 'height'>, x: number, y: number): number | undefined {
  const { size } = scene.recording.data
  let best: number | undefined
  let nearest = (radiusFor(size, scene.width, scene.height) + 8) ** 2
  for (let node = 0; node < size; node++) {
    const [nodeX, nodeY] = placeOf(scene, node)
    const distance = (x - nodeX) ** 2 + (y - nodeY) ** 2
    if (distance < nearest) [best, nearest] = [node, distance]
  }
  return best
}

/** Draws everything that changes: nodes by their state, packets on their way. */
export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  context.clearRect(0, 0, scene.width, scene.height)
  const { size } = scene.recording.data
  if (size > maxDots) {
    drawSquares(context, scene)
    return
  }
  const radius = radiusFor(size, scene.width, scene.height)
  scene.recording.forEachPacketAt(scene.time, maxPackets, (packet) => drawPacket(context, scene, packet, radius))
  drawNodes(context, scene, radius)
  if (scene.selected !== undefined && scene.selected < size) drawSelection(context, scene, scene.selected, radius)
}

function drawNodes(context: CanvasRenderingContext2D, scene: Scene, radius: number): void {
  const states = scene.recording.statesAt(scene.time)
  for (const [index, { tone }] of scene.scenario.states.entries()) {
    context.fillStyle = scene.palette.tones[tone]
    context.strokeStyle = scene.palette.tones[tone]
    context.lineWidth = Math.max(1, radius * 0.28)
    for (let node = 0; node < states.length; node++) {
      if (states[node] !== index) continue
      const [x, y] = placeOf(scene, node)
      drawNode(context, tone, x, y, radius, scene.palette.panel)
    }
  }
}

/** Each tone has its own shape as well, for those who do not see its colour. */
function drawNode(
  context: CanvasRenderingContext2D,
  tone: Tone,
  x: number,
  y: number,
  radius: number,
  panel: string,
): void {
  context.beginPath()
  switch (tone) {
    case 'idle': {
      const { fillStyle } = context
      context.arc(x, y, radius - context.lineWidth / 2, 0, 2 * Math.PI)
      context.fillStyle = panel
      context.fill()
      context.fillStyle = fillStyle
      return context.stroke()
    }
    case 'dead': {
      const arm = radius * 0.75
      context.moveTo(x - arm, y - arm)
      context.lineTo(x + arm, y + arm)
      context.moveTo(x + arm, y - arm)
      context.lineTo(x - arm, y + arm)
      return context.stroke()
    }
    case 'b':
      diamond(context, x, y, radius * 1.15)
      return context.fill()
    case 'c':
      context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8)
      return context.fill()
    case 'd':
      context.arc(x, y, radius * 0.62, 0, 2 * Math.PI)
      context.fill()
      context.beginPath()
      context.arc(x, y, radius * 1.25, 0, 2 * Math.PI)
      return context.stroke()
    case 'a':
      context.arc(x, y, radius, 0, 2 * Math.PI)
      return context.fill()
  }
}

function drawPacket(context: CanvasRenderingContext2D, scene: Scene, packet: FlyingPacket, radius: number): void {
  const [fromX, fromY] = placeOf(scene, packet.from)
  const [toX, toY] = placeOf(scene, packet.to)
  const isLost = packet.fate === fates.lost
  const share = scene.isStill ? 0.5 : isLost ? packet.share / 2 : packet.share
  const x = fromX + (toX - fromX) * share
  const y = fromY + (toY - fromY) * share
  const size = Math.max(1.5, radius * 0.42)
  context.fillStyle = scene.palette.tones[toneOf(scene, packet)]
  context.strokeStyle = context.fillStyle
  context.beginPath()
  if (isLost) {
    context.lineWidth = Math.max(1, size * 0.5)
    context.moveTo(x - size, y - size)
    context.lineTo(x + size, y + size)
    context.moveTo(x + size, y - size)
    context.lineTo(x - size, y + size)
    return context.stroke()
  }
  if (packet.fate === fates.marked) diamond(context, x, y, size * 1.3)
  else context.arc(x, y, size, 0, 2 * Math.PI)
  context.fill()
}

function toneOf({ recording, scenario }: Scene, { fate, mark, type }: FlyingPacket): Tone {
  if (fate === fates.lost) return 'b'
  const { marks, messages } = scenario.presentation
  if (fate === fates.marked) return marks[mark]?.tone ?? 'b'
  return messages.find((kind) => kind.type === recording.data.messageTypes[type])?.tone ?? 'a'
}

function drawSelection(context: CanvasRenderingContext2D, scene: Scene, node: number, radius: number): void {
  const [x, y] = placeOf(scene, node)
  context.strokeStyle = scene.palette.ink
  context.lineWidth = 2.5
  context.beginPath()
  context.arc(x, y, radius * 1.25 + 4, 0, 2 * Math.PI)
  context.stroke()
}

/** Many nodes: a square for so many, filled by the share of them that is no longer in the first state. */
function drawSquares(context: CanvasRenderingContext2D, scene: Scene): void {
  const { size } = scene.recording.data
  const states = scene.recording.statesAt(scene.time)
  const { columns, rows, perCell } = cellsFor(size, scene.width, scene.height)
  const width = (scene.width - 2 * margin) / columns
  const height = (scene.height - 2 * margin - footer) / rows
  const tone = scene.scenario.states[1]?.tone ?? 'a'
  for (let cell = 0; cell * perCell < size; cell++) {
    const first = cell * perCell
    const last = Math.min(first + perCell, size)
    let changed = 0
    for (let node = first; node < last; node++) if (states[node] !== 0) changed++
    const share = changed / (last - first)
    const x = margin + (cell % columns) * width
    const y = margin + Math.floor(cell / columns) * height
    const inner = Math.max(1, width - 2)
    context.strokeStyle = scene.palette.link
    context.lineWidth = 1
    context.strokeRect(x + 1, y + 1, inner, height - 2)
    context.fillStyle = scene.palette.tones[tone]
    const filled = (height - 2) * share
    context.fillRect(x + 1, y + height - 1 - filled, inner, filled)
  }
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

function diamond(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.moveTo(x, y - radius)
  context.lineTo(x + radius, y)
  context.lineTo(x, y + radius)
  context.lineTo(x - radius, y)
  context.closePath()
}
