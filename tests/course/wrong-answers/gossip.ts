import type { WrongAnswer } from './wrong-answer.ts'

const push = 'if (rumor.ttl > 1) this.#push({ ...rumor, ttl: rumor.ttl - 1 }, from)'
const dedup =
  "if (this.#rumors.has(message.id)) this.#host.report('duplicate', { id: message.id })\n      else this.#accept(message, from)"

export const gossipWrongAnswers: readonly WrongAnswer[] = [
  {
    name: 'no-de-duplication',
    changes: [[dedup, 'this.#accept(message, from)']],
    task: 'once',
    says: /no de-duplication/,
  },
  {
    name: 'sends-back-to-the-sender',
    changes: [['.filter((peer) => peer !== from)', '']],
    task: 'once',
    says: /back to node \d+, which had just sent it/,
  },
  {
    name: 'ignores-ttl',
    changes: [[push, 'this.#push({ ...rumor, ttl: this.#options.ttl }, from)']],
    task: 'ttl',
    says: /got rumor m0 with ttl \d+ and sent it to node \d+ with ttl 4/,
  },
  {
    name: 'module-level-state',
    changes: [
      ['export class Gossip', 'const shared = new Map<string, Rumor>()\n\nexport class Gossip'],
      ['#rumors = new Map<string, Rumor>()', '#rumors = shared'],
    ],
    task: 'deliver',
    says: /module-level or static variable is shared by all nodes/,
  },
  {
    name: 'mutates-a-received-message',
    changes: [
      [push, 'if (rumor.ttl > 1) {\n      ;(rumor as { ttl: number }).ttl--\n      this.#push(rumor, from)\n    }'],
    ],
    task: 'spread',
    says: /changed the message it received \(message\.ttl: \d+ → \d+\)/,
  },
  {
    name: 'floods-everyone',
    changes: [['this.#host.random.sample(others, this.#options.fanout)', 'others']],
    task: 'fanout',
    says: /that is flooding/,
  },
  {
    name: 'never-repairs',
    changes: [["if (this.#beatsLeft.size === 0) this.#host.setTimer('repair', repairInterval)", '']],
    task: 'repair',
    says: /there is no repair/,
  },
  {
    name: 'repairs-for-ever',
    changes: [['      else this.#beatsLeft.delete(id)\n', '']],
    task: 'silence',
    says: /the repair does not end/,
  },
  {
    name: 'claims-deliveries-that-never-came',
    changes: [
      [
        "if (ids.length > 0) this.#host.send(from, { type: 'want', ids })",
        "for (const id of ids) this.#host.report('delivered', { id, payload: { nonce: 'made up' } })",
      ],
    ],
    task: 'repair',
    says: /reported rumor m\d as delivered, which no packet had brought to it/,
  },
  {
    name: 'trusts-its-input',
    changes: [["message.type === 'rumor' && isRumor(message)", "message.type === 'rumor'"]],
    task: 'bad-input',
    says: /threw NotPlainData: detail\.\w+ is undefined/,
  },
  {
    name: 'never-answers',
    changes: [['if (rumor !== undefined) this.#host.send(to, { ...rumor, ttl: 1 })', '']],
    task: 'repair',
    says: /asked node \d+ for rumor m\d, and node \d+ did not send it/,
  },
  {
    name: 'one-packet-for-each-name',
    changes: [
      [
        "if (neighbors.length > 0) this.#host.send(random.pick(neighbors), { type: 'have', ids })",
        "for (const id of ids) this.#host.send(random.pick(neighbors), { type: 'have', ids: [id] })",
      ],
    ],
    task: 'cost',
    says: /deliveries took \d+ packets/,
  },
]
