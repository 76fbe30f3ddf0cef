import type { WrongAnswer } from './wrong-answer.ts'

const giveUp = 'for (const [peer, deadline] of this.#calls) if (now >= deadline) this.#giveUp(peer)'
const bye = "    } else this.#host.send(from, { type: 'bye' }) // too late, or never called"

export const discoveryWrongAnswers: readonly WrongAnswer[] = [
  {
    name: 'answers-nobody-who-asks',
    changes: [
      ["if (message.type === 'get-peers') this.#host.send(from, { type: 'peers', peers: this.#somePeers(from) })", ''],
    ],
    task: 'welcome',
    says: /asked node \d+ for peers and got no answer/,
  },
  {
    name: 'does-not-report-who-called',
    changes: [
      [
        "this.#host.report('connected', { peer, isOutgoing })",
        "this.#host.report('connected', { peer, isOutgoing: true })",
      ],
    ],
    task: 'welcome',
    says: /reported it with isOutgoing true/,
  },
  {
    name: 'claims-a-connection-when-it-calls',
    changes: [
      [
        "this.#calls.set(peer, now + dialTimeout)\n      this.#host.send(peer, { type: 'hello' })",
        "this.#connect(peer, true)\n      this.#host.send(peer, { type: 'hello' })",
      ],
    ],
    task: 'enter',
    says: /reported a connection with node \d+, though no welcome of this moment had made that connection/,
  },
  {
    name: 'calls-the-bootnode-once',
    changes: [[giveUp, '']],
    task: 'enter',
    says: /called it once, the last time at [\d.]+ ms, and it is connected to nobody/,
  },
  {
    name: 'asks-nobody',
    changes: [['      this.#connect(from, true)\n      this.#ask(from)\n', '      this.#connect(from, true)\n']],
    task: 'enter',
    says: /was welcomed by node 0 and did not ask it for peers/,
  },
  {
    name: 'guesses-addresses',
    changes: [
      [
        'const candidates = heardOf.length > 0 ? heardOf : Array.from(neighbors).filter(isFree)',
        'const candidates = [1, 2, 3, 4, 5, 6, 7].map((step) => (this.#host.address + step) as Address)',
      ],
    ],
    task: 'loop',
    says: /called an address that no node has, of which no message had told it/,
  },
  {
    name: 'calls-itself',
    changes: [
      ['if (peer === this.#host.address || this.#known.has(peer)) continue', 'if (this.#known.has(peer)) continue'],
    ],
    task: 'loop',
    says: /sent a packet to itself/,
  },
  {
    name: 'asks-only-once',
    changes: [
      [
        'if (this.#outgoing < target) for (const peer of random.sample([...this.#connections.keys()], 1)) this.#ask(peer)',
        '',
      ],
    ],
    task: 'loop',
    says: /it asked for peers the last time at [\d.]+ ms, and knows nobody else/,
  },
  {
    name: 'waits-for-ever',
    changes: [[giveUp, '']],
    task: 'dead',
    says: /got no answer, and has called nobody since [\d.]+ ms; a call waits 2000 ms/,
  },
  {
    name: 'remembers-the-dead',
    changes: [["if (this.#known.delete(peer)) this.#host.report('forgot', { peer })", '']],
    task: 'dead',
    says: /called node \d+ for the 4th time in a row without an answer/,
  },
  {
    name: 'takes-late-welcomes',
    changes: [[bye, '    } else this.#connect(from, true)']],
    task: 'slow',
    says: /by a welcome that came [\d.]+ ms after its call: a call waits 2000 ms/,
  },
  {
    name: 'says-no-bye',
    changes: [[bye, '    }']],
    task: 'slow',
    says: /after its call; it waits 2000 ms, and sent no bye/,
  },
  {
    name: 'welcomes-everybody',
    changes: [['incoming >= limit - target', 'incoming >= 1000']],
    task: 'limits',
    says: /got a hello from node \d+ and sent welcome/,
  },
  {
    name: 'counts-no-waiting-calls',
    changes: [['target - this.#outgoing - this.#calls.size', 'target - this.#outgoing']],
    task: 'limits',
    says: /has 5 outgoing connections/,
  },
  {
    name: 'trusts-its-input',
    changes: [
      [
        'return Array.isArray(peers) && peers.length <= maxShared && peers.every(isAddress)',
        'return Array.isArray(peers)',
      ],
    ],
    task: 'bad-input',
    says: /got \{"type":"(peers|full)","peers":\[.*\]\} and did not report it/,
  },
  {
    name: 'passes-on-hearsay',
    changes: [['const others = this.#verified.filter', 'const others = [...this.#known.keys()].filter']],
    task: 'hearsay',
    says: /names node \d+, from which it had never had a packet: that is hearsay/,
  },
  {
    name: 'believes-what-it-did-not-ask-for',
    changes: [
      [
        "else if (connection === undefined) this.#host.send(from, { type: 'bye' })",
        "else if (message.type === 'peers') this.#learn(message.peers, from)\n    else if (connection === undefined) this.#host.send(from, { type: 'bye' })",
      ],
    ],
    task: 'hearsay',
    says: /called an address that no node has, which had come only in a list that nobody had asked for/,
  },
  {
    name: 'believes-one-source-without-bound',
    changes: [
      [
        'if (room <= 0 || this.#known.size >= maxKnown) return',
        'if (room <= -1000 || this.#known.size >= maxKnown) return',
      ],
    ],
    task: 'hearsay',
    says: /only the last answer of node \d+ can have told it/,
  },
  {
    name: 'knows-without-bound',
    changes: [
      ['if (room <= 0 || this.#known.size >= maxKnown) return', 'if (this.#known.size >= 10_000) return'],
      [
        '    let room = maxPerSource - [...this.#known.values()].filter((known) => isHearsayOf(known, source)).length\n',
        '    let room = 16 + maxPerSource\n',
      ],
    ],
    task: 'hearsay',
    says: /address that (it had been told of before the last answer|only the last answer of node \d+ can have told it)/,
  },
  {
    name: 'drops-the-quiet',
    changes: [["} else if (quiet >= silence / 3) this.#host.send(peer, { type: 'ping' })", '}']],
    task: 'silence',
    says: /dropped node \d+, and no ping of it had gone unanswered/,
  },
  {
    name: 'counts-on-the-dead',
    changes: [["      this.#disconnect(peer, 'silence')\n      this.#giveUp(peer)\n", '']],
    task: 'silence',
    says: /still counts on node \d+, which crashed at [\d.]+ ms/,
  },
  {
    name: 'answers-no-ping',
    changes: [["if (message.type === 'ping') this.#host.send(from, { type: 'pong' })", '']],
    task: 'silence',
    says: /sent node \d+ a ping and got no pong/,
  },
  {
    name: 'stores-nothing',
    changes: [["    storage.set('peers', this.#verified)\n", '']],
    task: 'restart',
    says: /its storage is empty, and it called nobody but the bootnode, which is gone/,
  },
  {
    name: 'asks-everybody-on-every-beat',
    changes: [
      [
        'if (this.#outgoing < target) for (const peer of random.sample([...this.#connections.keys()], 1)) this.#ask(peer)',
        'for (const peer of this.#connections.keys()) this.#ask(peer)',
      ],
    ],
    task: 'cost',
    says: /connections took \d+ packets \(.*\d+ get-peers/,
  },
  {
    name: 'pings-on-every-beat',
    changes: [['quiet >= silence / 3', 'quiet > 0']],
    task: 'silence',
    says: /sent a ping to node \d+, from which it had heard [\d.]+ ms before/,
  },
]
