import type { Scenario, Tone } from '@peerlab/engine'
import { cellsFor, footer, margin, maxDots, placesIn, type Places } from './places.ts'
import { fates, type Recording } from './recording.ts'
import { Sprites, type PacketShape, type Palette } from './sprites.ts'

/** What is drawn, and where. Sizes are CSS pixels of the view. */
export interface Scene {
  readonly recording: Recording
  readonly scenario: Scenario
  readonly time: number
  readonly width: number
  readonly height: number
  readonly palette: Palette
  /** Device pixels in a CSS pixel. */
  readonly scale: number
  /** The node that the keyboard or the pointer has chosen. */
  readonly selected: number | undefined
  /** With reduced motion a packet stands in the middle of its way instead of travelling. */
  readonly isStill: boolean
}

/** At most this many packets are drawn. */
export const maxPackets = 3000

/** Up to here all nodes are drawn anew when one has changed, since they may overlap. */
const maxOverlapping = 2000

/**
 * Draws what changes in a network: packets on one canvas, in every frame, and nodes on another one above it, when their
 * states have changed.
 */
export class Painter {
  readonly #nodes: CanvasRenderingContext2D
  readonly #packets: CanvasRenderingContext2D
  #scene: Scene | undefined
  #places: Places | undefined
  #sprites: Sprites | undefined
  /** The states that the canvas shows. */
  #shown = new Uint8Array(0)

  constructor(nodes: HTMLCanvasElement, packets: HTMLCanvasElement) {
    this.#nodes = nodes.getContext('2d')!
    this.#packets = packets.getContext('2d')!
  }

  draw(scene: Scene): void {
    const isNew = this.#prepare(scene)
    const places = this.#places!
    if (scene.recording.data.size > maxDots) {
      this.#drawSquares(scene, isNew)
      return
    }
    this.#drawPackets(scene, places)
    this.#drawNodes(scene, places, isNew)
  }

  /** Makes ready what lasts longer than a frame. True where the canvas has to be filled from nothing. */
  #prepare(scene: Scene): boolean {
    const before = this.#scene
    this.#scene = scene
    const { recording, width, height, scale, palette } = scene
    const isSamePlace = before?.recording === recording && before.width === width && before.height === height
    if (isSamePlace && before.scale === scale && before.palette === palette) return before.selected !== scene.selected
    for (const { canvas } of [this.#nodes, this.#packets]) {
      canvas.width = Math.round(width * scale)
      canvas.height = Math.round(height * scale)
    }
    if (!isSamePlace) this.#places = placesIn(recording.data, width, height)
    this.#sprites = new Sprites(this.#places!.radius, scale, palette)
    this.#shown = new Uint8Array(recording.data.size)
    return true
  }

  #drawPackets({ recording, scenario, time, scale, isStill }: Scene, { x, y }: Places): void {
    const context = this.#packets
    const sprites = this.#sprites!
    const { from, to, type, fate, mark } = recording.data.packets
    const kinds = looksOf(scenario, recording.data.messageTypes)
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    recording.forEachPacketAt(time, maxPackets, (packet, share) => {
      const [sender, receiver] = [from[packet]!, to[packet]!]
      const isLost = fate[packet] === fates.lost
      const way = isStill ? 0.5 : isLost ? share / 2 : share
      const packetX = (x[sender]! + (x[receiver]! - x[sender]!) * way) * scale
      const packetY = (y[sender]! + (y[receiver]! - y[sender]!) * way) * scale
      const shape: PacketShape = isLost ? 'lost' : fate[packet] === fates.marked ? 'marked' : 'plain'
      const tone = isLost ? 'b' : shape === 'marked' ? (kinds.marks[mark[packet]!] ?? 'b') : kinds.types[type[packet]!]!
      sprites.packet(context, tone, shape, packetX, packetY)
    })
  }

  #drawNodes({ recording, scenario, time, scale, selected, palette }: Scene, places: Places, isNew: boolean): void {
    const states = recording.statesAt(time)
    const shown = this.#shown
    const context = this.#nodes
    const sprites = this.#sprites!
    const { x, y, radius } = places
    const paintAll = isNew || (states.length <= maxOverlapping && !isSame(states, shown))
    const edge = sprites.nodeEdge
    if (paintAll) context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    for (let node = 0; node < states.length; node++) {
      const state = states[node]!
      if (!paintAll && state === shown[node]) continue
      const [nodeX, nodeY] = [x[node]! * scale, y[node]! * scale]
      if (!paintAll) context.clearRect(Math.round(nodeX - edge / 2), Math.round(nodeY - edge / 2), edge, edge)
      sprites.node(context, scenario.states[state]?.tone ?? 'a', nodeX, nodeY)
    }
    shown.set(states)
    if (selected === undefined || selected >= states.length || !paintAll) return
    context.strokeStyle = palette.ink
    context.lineWidth = 2.5 * scale
    context.beginPath()
    context.arc(x[selected]! * scale, y[selected]! * scale, (radius * 1.25 + 4) * scale, 0, 2 * Math.PI)
    context.stroke()
  }

  /** Many nodes: a square for so many, filled by the share of them that is no longer in the first state. */
  #drawSquares({ recording, scenario, time, width, height, scale, palette }: Scene, isNew: boolean): void {
    const states = recording.statesAt(time)
    if (!isNew && isSame(states, this.#shown)) return
    this.#shown.set(states)
    const context = this.#nodes
    const { columns, rows, perCell } = cellsFor(states.length, width, height)
    const cellWidth = (width - 2 * margin) / columns
    const cellHeight = (height - 2 * margin - footer) / rows
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.clearRect(0, 0, width, height)
    context.lineWidth = 1
    context.strokeStyle = palette.link
    context.fillStyle = palette.tones[scenario.states[1]?.tone ?? 'a']
    for (let first = 0; first < states.length; first += perCell) {
      const cell = first / perCell
      const last = Math.min(first + perCell, states.length)
      let changed = 0
      for (let node = first; node < last; node++) if (states[node] !== 0) changed++
      const x = margin + (cell % columns) * cellWidth
      const y = margin + Math.floor(cell / columns) * cellHeight
      const inner = Math.max(1, cellWidth - 2)
      const filled = ((cellHeight - 2) * changed) / (last - first)
      context.strokeRect(x + 1, y + 1, inner, cellHeight - 2)
      context.fillRect(x + 1, y + cellHeight - 1 - filled, inner, filled)
    }
    context.setTransform(1, 0, 0, 1, 0, 0)
  }
}

/** The tones of a scenario's kinds of message and of its marks, by their numbers in a recording. */
function looksOf(scenario: Scenario, messageTypes: readonly string[]): { types: Tone[]; marks: Tone[] } {
  const { marks, messages } = scenario.presentation
  return {
    types: messageTypes.map((name) => messages.find(({ type }) => type === name)?.tone ?? 'a'),
    marks: marks.map(({ tone }) => tone),
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
