import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { idToHex, type Contact, type Id } from '../contact.ts'
import type { KademliaClient } from './kademlia-client.ts'
import type { AddProvider, PutValue } from './kademlia-messages.ts'

/** What others are to keep for this node. */
export type Publication = Omit<AddProvider, 'token'> | Omit<PutValue, 'token'>

/**
 * Stores things at the nodes closest to them, and again and again: those nodes forget after a while, some crash, and
 * others that are closer come. It ends when the node does, so what is gone is forgotten.
 */
export class Publisher {
  readonly #host: Host<never>
  readonly #client: KademliaClient
  readonly #interval: Millis
  /** By the name of the timer that does it again. */
  readonly #actions = new Map<string, () => void>()

  constructor(host: Host<never>, client: KademliaClient, interval: Millis) {
    this.#host = host
    this.#client = client
    this.#interval = interval
  }

  /** Stores it at the nodes closest to the target, now and once in every interval. Each time ends in a report. */
  publish(target: Id, publication: Publication): void {
    const timer = `publish/${publication.type}/${idToHex(target)}`
    this.#actions.set(timer, () => {
      this.#host.setTimer(timer, this.#interval)
      this.#store(target, publication)
    })
    this.#actions.get(timer)!()
  }

  /** True when the timer was one of this layer. */
  onTimer(name: string): boolean {
    const action = this.#actions.get(name)
    action?.()
    return action !== undefined
  }

  #store(target: Id, publication: Publication): void {
    const tokens = new Map<Contact, Uint8Array>()
    this.#client.walk(
      { type: 'find-node', target },
      (contact, { token }) => {
        tokens.set(contact, token)
        return 'more'
      },
      ({ closest }) => {
        let stored = 0
        let waiting = closest.length
        const report = (): void => {
          const event = publication.type === 'put-value' ? 'put' : 'provide'
          this.#host.report(event, { target: idToHex(target), stored })
        }
        if (waiting === 0) report()
        for (const contact of closest) {
          this.#client.ask(contact, { ...publication, token: tokens.get(contact)! }, (answer) => {
            if (answer?.type === 'stored') stored++
            if (--waiting === 0) report()
          })
        }
      },
    )
  }
}
