import type { WrongAnswer } from './wrong-answer.ts'

const seenAsker = '      this.#seen(asker)\n'
const doubt = `    } else if (!this.#doubted.has(oldest.address)) {
      this.#doubted.add(oldest.address)
      this.#ask(oldest, { type: 'ping', sender: this.#options.id }, this.#isPong, (pong) => {
        this.#doubted.delete(oldest.address)
        if (pong === undefined) this.#seen(contact)
      })
    }`

export const kademliaWrongAnswers: readonly WrongAnswer[] = [
  {
    name: 'distance-by-subtraction',
    changes: [['byte ^ b[i]!)', 'Math.abs(byte - b[i]!))']],
    task: 'distance',
    says: /exclusive or[^]*xorDistance\(/,
  },
  {
    name: 'compares-the-first-byte-only',
    changes: [['for (let i = 0; i < target.length; i++)', 'for (let i = 0; i < 1; i++)']],
    task: 'distance',
    says: /the first byte that differs decides[^]*it returned 0/,
  },
  {
    name: 'buckets-of-bytes',
    changes: [['8 * byte + Math.clz32(a[byte]! ^ b[byte]!) - 24', '8 * byte']],
    task: 'bucket',
    says: /expected +\d+: byte \d+ is [01]{8} and [01]{8} in bits[^]*it returned \d+/,
  },
  {
    name: 'farthest-first',
    changes: [
      ['compareDistance(target, a.id, b.id)).slice(0, count)', 'compareDistance(target, b.id, a.id)).slice(0, count)'],
    ],
    task: 'closest',
    says: /in this order/,
  },
  {
    name: 'tells-the-asker-of-itself',
    changes: [['.filter((contact) => !sameContact(contact, asker))', '']],
    task: 'answer',
    says: /named the asker itself/,
  },
  {
    name: 'answers-without-the-name-of-the-question',
    changes: [
      [
        "this.#requests.reply(from, message, { type: 'pong', sender })",
        "this.#host.send(from, { type: 'pong', sender } as unknown as Pong)",
      ],
    ],
    task: 'answer',
    says: /to send \{ type: 'pong', replyTo: \d+, sender \}[^]*sent no reply/,
  },
  {
    name: 'never-learns',
    changes: [[seenAsker, '']],
    task: 'table',
    says: /did not name node \d+, from which it had heard at/,
  },
  {
    name: 'buckets-without-a-bottom',
    changes: [['bucket.length < this.#options.k', 'bucket.length < 1000']],
    task: 'table',
    says: /a newcomer for which its bucket had no room/,
  },
  {
    name: 'asks-only-whom-it-knew-before',
    changes: [['if (nodes !== undefined) add(nodes.contacts)\n', '']],
    task: 'lookup',
    says: /node \d+ is not there, and it was never asked, though node \d+ had named it/,
  },
  {
    name: 'reports-contacts-for-addresses',
    changes: [
      ['closest: closest.map(({ address }) => address) })', 'closest: closest.map(({ address }) => ({ address })) })'],
    ],
    task: 'lookup',
    says: /what is no address/,
  },
  {
    name: 'reports-bytes-for-digits',
    changes: [["this.#host.report('lookup', { target: toHex(target),", "this.#host.report('lookup', { target,"]],
    task: 'lookup',
    says: /the target in hexadecimal digits/,
  },
  {
    name: 'reports-whom-it-only-heard-of',
    changes: [['!closest.every(({ state }) => state ===', '!closest.slice(0, 1).every(({ state }) => state ===']],
    task: 'lookup',
    says: /reported for \S+ node \d+, which it (never asked|asked at \S+ ms and which had not answered)/,
  },
  {
    name: 'guesses-addresses',
    changes: [
      [
        '    add(this.#closest(target, k))\n',
        '    add(this.#closest(target, k))\n    add([{ id: target, address: (k + 9) as Address }, { id: target, address: (k + 10) as Address }])\n',
      ],
    ],
    task: 'lookup',
    says: /of which it had never heard\. Addresses are not to be guessed/,
  },
  {
    name: 'asks-all-at-once',
    changes: [['        if (waiting >= alpha) break\n', '']],
    task: 'alpha',
    says: /at most alpha = \d questions of a lookup at a time/,
  },
  {
    name: 'asks-one-after-the-other',
    changes: [['        if (waiting >= alpha) break\n', '        if (waiting >= Math.min(alpha, 1)) break\n']],
    task: 'alpha',
    says: /began its lookup of \S+ with 1: one after the other takes longer/,
  },
  {
    name: 'waits-for-the-dead',
    changes: [["nodes === undefined ? 'failed' : 'answered'", "nodes === undefined ? 'asked' : 'answered'"]],
    task: 'dead',
    says: /never reported an end/,
  },
  {
    name: 'gives-up-when-one-is-silent',
    changes: [['          goOn()\n', '          if (nodes !== undefined) goOn()\n']],
    task: 'dead',
    says: /never reported an end/,
  },
  {
    name: 'never-forgets-the-dead',
    changes: [['      else this.#forget(contact)\n', '']],
    task: 'dead',
    says: /named node \d+, which it had asked at \S+ ms and which had not answered/,
  },
  {
    name: 'believes-hearsay',
    changes: [
      [
        'if (nodes !== undefined) add(nodes.contacts)\n',
        'for (const contact of nodes?.contacts ?? []) this.#seen(contact)\n          if (nodes !== undefined) add(nodes.contacts)\n',
      ],
    ],
    task: 'dead',
    says: /which it knew from others only|only a message of its own makes a node known/,
  },
  {
    name: 'trusts-what-is-malformed',
    changes: [
      [
        'return this.#isId(contact?.id) && Number.isInteger(address) && (address as number) >= 0',
        'return address !== 7.5',
      ],
    ],
    task: 'bad-input',
    says: /node 0 to handle a message of type "nodes"[^]*it threw/,
  },
  {
    name: 'believes-any-sender',
    changes: [
      [
        'const isThere = reply !== undefined && sameId(reply.sender, contact.id)',
        'const isThere = reply !== undefined',
      ],
    ],
    task: 'bad-input',
    says: /an answer counts only from the id that was asked/,
  },
  {
    name: 'asks-itself',
    changes: [['!this.#isSelf(contact) && isNew(contact)', 'isNew(contact)']],
    task: 'bad-input',
    says: /sent find-node to itself/,
  },
  {
    name: 'evicts-without-asking',
    changes: [[doubt, '    } else {\n      bucket.shift()\n      bucket.push(contact)\n    }']],
    task: 'eviction',
    says: /whose bucket for it was full, and node 0 pinged nobody/,
  },
  {
    name: 'doubts-the-newest',
    changes: [['const [oldest] = bucket\n', 'const oldest = bucket.at(-1)\n']],
    task: 'eviction',
    says: /to ping node \d+, of which it has heard nothing for the longest time[^]*pinged node \d+/,
  },
  {
    name: 'evicts-who-answered',
    changes: [['if (pong === undefined) this.#seen(contact)', 'this.#forget(oldest)\n        this.#seen(contact)']],
    task: 'eviction',
    says: /a newcomer for which its bucket had no room/,
  },
  {
    name: 'asks-everybody-it-hears-of',
    changes: [
      [
        "const closest = candidates.filter(({ state }) => state !== 'failed').slice(0, k)",
        "const closest = candidates.filter(({ state }) => state !== 'failed')",
      ],
      [
        'closest: closest.map(({ address }) => address) })',
        'closest: closest.slice(0, k).map(({ address }) => address) })',
      ],
    ],
    task: 'cost',
    says: /at most 8 \+ 3 · 5 = 23 questions[^]*many of them could not help any more/,
  },
]
