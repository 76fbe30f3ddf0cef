import type { Address, Host, Message, Protocol } from '@peerlab/engine/lab'

// What this protocol sends. Messages of one protocol are told apart by `type`.
interface HelloMessage extends Message {
  readonly type: 'hello' | 'welcome'
}

// A protocol is a class. It is given a host, which is all that it may use, and the engine calls its handlers.
export class Hello implements Protocol<HelloMessage> {
  readonly #host: Host<HelloMessage> // # makes a field private: no other object can read it

  constructor(host: Host<HelloMessage>) {
    this.#host = host
  }

  // Called for each message that arrives at your node.
  onMessage(from: Address, message: HelloMessage): void {
    if (message.type !== 'hello') return
    // TODO: remove the two slashes at the beginning of the next line, and save.
    // this.#host.send(from, { type: 'welcome' })
  }
}
