import type { Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import type { Protocol } from '../core/host.ts'
import type { EclipseAttacker } from '../protocols/attackers/eclipse-attacker.ts'
import type { BitcoinLink } from '../protocols/bitcoin/links.ts'

/** The victim restarts: no more rounds, let it come. */
export interface Wait extends Command {
  readonly type: 'wait'
}

/**
 * One address of an attack, told by its operator when to wait. Who goes on with its rounds harms itself: an address that
 * has connected within ten minutes counts as just tried, and is hardly ever selected.
 */
export class PatientAttacker implements Protocol<Message, Wait> {
  readonly #attacker: EclipseAttacker
  #waits = false

  constructor(attacker: EclipseAttacker) {
    this.#attacker = attacker
  }

  /** Its connections; to look at. */
  get links(): readonly BitcoinLink[] {
    return this.#attacker.links
  }

  onStart(): void {
    this.#attacker.onStart()
  }

  onCommand(): void {
    this.#waits = true
  }

  onMessage(from: Address, message: Message): void {
    this.#attacker.onMessage(from, message)
  }

  onTimer(name: string): void {
    if (name !== 'strike' || !this.#waits) this.#attacker.onTimer(name)
  }
}
