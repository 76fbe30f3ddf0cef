import { findScenario, toLink, type Step } from '@peerlab/engine'
import type { Finding } from './contract.ts'

/** The link that shows the finding's run with the lab's own file, at the moment to which its chain of events leads. */
export function replayLink({ spec, why }: Finding, lab: string): string {
  return toLink({ ...spec, lab }, { playhead: why.at(-1)?.time })
}

/**
 * A finding as lines of text, for a terminal and for a report.
 *
 * @param isHidden leaves out by what the run could be made again: its network is drawn from an instructor's key
 */
export function explain(finding: Finding, lab: string, isHidden = false): string {
  const { property, expected, happened, why, spec, call } = finding
  const lines = [
    ['property', property],
    ['expected', expected],
    ['happened', happened],
    ...shortened(why).map((text, i) => [i === 0 ? 'why' : '', text]),
    ...(isHidden
      ? [['network', 'one of those that nobody knows beforehand; the public ones pass']]
      : call === undefined
        ? [
            ['seed', String(spec.seed)],
            ['network', `${networkText(finding)} (the smallest found that still fails)`],
            ['replay', `npx peerlab run '${replayLink(finding, lab)}'`],
          ]
        : [['call', call]]),
  ]
  return lines.map(([label = '', text = '']) => `${label.padEnd(9)} ${text}`).join('\n')
}

/** The beginning and the end of a long chain. */
function shortened(why: Finding['why']): string[] {
  const texts = why.map(stepText)
  return texts.length <= 8
    ? texts
    : [...texts.slice(0, 3), `          … ${texts.length - 6} more steps …`, ...texts.slice(-3)]
}

function stepText({ time, node, text }: Step): string {
  const at = `${Number(time.toFixed(1))} ms`
  return `${at.padStart(10)}  ${node < 0 ? '' : `node ${node} `}${text}`
}

function networkText({ spec: { scenario, parameters = {}, actions = [] } }: Finding): string {
  const definitions = findScenario(scenario).parameters
  const valueOf = (name: string): unknown => parameters[name] ?? definitions[name]?.default
  const parts = [`${Number(valueOf('size'))} nodes`]
  if (definitions['topology'] !== undefined) parts.push(String(valueOf('topology')))
  if (parameters['degree'] !== undefined) parts.push(`degree ${Number(parameters['degree'])}`)
  if (Number(parameters['loss'] ?? 0) > 0) parts.push(`${100 * Number(parameters['loss'])} % loss`)
  if (actions.length > 0) parts.push(actions.map(({ time, input }) => `${input.action} at ${time} ms`).join(', '))
  return parts.join(', ')
}
