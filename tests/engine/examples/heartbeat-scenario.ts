import { defineScenario, loss, ring, Simulation } from '@peerlab/engine'
import { Heartbeat } from './heartbeat.ts'

const node = { type: 'integer', min: 0, max: 999, default: 3, label: 'node', unit: 'node' } as const

export const heartbeat = defineScenario({
  id: 'heartbeat',
  title: 'Heartbeat',
  summary: 'Neighbors in a ring tell each other that they are alive: who notices a crash, and who is wrong?',
  parameters: {
    size: { type: 'integer', min: 3, max: 1000, default: 20, label: 'size', unit: 'nodes' },
    loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
    duration: { type: 'number', min: 0, max: 600_000, default: 15_000, label: 'duration', unit: 'ms' },
  },
  actions: { crash: { label: 'crash', parameters: { node } }, restart: { label: 'restart', parameters: { node } } },
  states: [
    { id: 'up', label: 'is up', tone: 'a' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'suspicions', unit: 'reports', label: 'reports of silence' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'suspicions',
    costs: ['messages'],
    controls: ['size', 'loss'],
    click: 'crash',
    doubleClick: 'restart',
    messages: [{ type: 'alive', label: 'alive', tone: 'a' }],
    marks: [],
  },
  create({ parameters, seed, observers, foldPayloads }) {
    const simulation = new Simulation({
      seed,
      topology: ring(parameters.size),
      protocol: (host) => new Heartbeat(host),
      foldPayloads,
    })
    simulation.addRule(loss(parameters.loss))
    let suspicions = 0
    const points: [x: number, y: number][] = []
    simulation.observe({
      onReport: (time, _node, event) => void (event === 'silent' && points.push([time, ++suspicions])),
    })
    for (const observer of observers) simulation.observe(observer)
    const state = (of: number): string => (simulation.isUp(of) ? 'up' : 'down')
    return {
      simulation,
      perform(action, values) {
        if (action === 'crash') simulation.crash(values['node'] as number)
        if (action === 'restart') simulation.restart(values['node'] as number)
      },
      measures: () => ({ suspicions, messages: simulation.packets.sent }),
      state,
      inspect: (of) => ({ state: state(of) }),
      curves: (most) => ({ measured: { label: 'suspicions', points: points.slice(0, most) }, formula: null }),
      isOver: () => false, // `duration` ends it
    }
  },
})
