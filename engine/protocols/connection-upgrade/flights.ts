/** What two peers say until an application can talk, by the specifications: who says what, in which order, and sealed or not. */

export type UpgradeSide = 'dialer' | 'listener'

export interface UpgradeStack {
  readonly transport: 'tcp' | 'quic'
  /** What secures TCP; QUIC has TLS 1.3 in it. Default noise. `none` is libp2p's plaintext, which is for tests only. */
  readonly security?: 'noise' | 'tls' | 'none'
  /** Whether the handshake of Noise or TLS also says which multiplexer it will be. Default true. */
  readonly earlyMuxer?: boolean
  /** Whether a dialer waits for the answer that a stream's protocol is spoken before it says anything. Default false. */
  readonly waitsForProtocol?: boolean
}

export const upgradeLayers = ['tcp', 'multistream', 'security', 'yamux', 'quic', 'application'] as const
export type UpgradeLayer = (typeof upgradeLayers)[number]

/** One thing that is said. */
export interface Utterance {
  readonly layer: UpgradeLayer
  readonly text: string
  /** Whether only the two peers can read it. */
  readonly isSealed: boolean
  /** Whether it carries its speaker's public key of the exchange. */
  readonly hasKey: boolean
}

/** All that one side says before it has to wait for the other one. */
export interface Flight {
  readonly by: UpgradeSide
  readonly says: readonly Utterance[]
}

/** A request and its answer are the application's first words. */
export const applicationRequest = 'GET /balance of account 4711'
export const applicationAnswer = '23.50'

/**
 * The flights of a connection up to the first answer. libp2p/specs: connections/README.md (multistream-select),
 * connections/inlined-muxer-negotiation.md, noise/README.md (XX), tls/tls.md, plaintext/README.md, quic/README.md;
 * RFC 9293 (TCP), RFC 8446 (TLS 1.3), RFC 9001 (QUIC with TLS).
 */
export function flightsOf(stack: UpgradeStack): Flight[] {
  const talk = new Talk()
  const { waitsForProtocol = false } = stack
  if (stack.transport === 'tcp') upgradeTcp(talk, stack)
  else openQuic(talk)
  talk.say('dialer', stack.transport === 'tcp' ? 'yamux' : 'quic', 'a new stream')
  if (waitsForProtocol) {
    talk.negotiate('/accounts/1.0.0')
    talk.say('dialer', 'application', applicationRequest)
  } else {
    talk.propose('/accounts/1.0.0')
    talk.say('dialer', 'application', applicationRequest)
    talk.confirm('/accounts/1.0.0')
  }
  talk.say('listener', 'application', applicationAnswer)
  return talk.flights
}

function upgradeTcp(talk: Talk, { security = 'noise', earlyMuxer = true }: UpgradeStack): void {
  talk.say('dialer', 'tcp', 'SYN')
  talk.say('listener', 'tcp', 'SYN, ACK')
  talk.say('dialer', 'tcp', 'ACK')
  talk.negotiate({ noise: '/noise', tls: '/tls/1.0.0', none: '/plaintext/2.0.0' }[security])
  const muxers = earlyMuxer ? ', multiplexer: /yamux/1.0.0' : ''
  if (security === 'noise') {
    talk.sayKey('dialer', 'security', 'e')
    talk.sayKey('listener', 'security', 'e, ee')
    talk.seal()
    talk.say('listener', 'security', `s, es, identity${muxers}`)
    talk.say('dialer', 'security', `s, se, identity${muxers}`)
  } else if (security === 'tls') {
    talk.sayKey('dialer', 'security', `ClientHello${muxers}`)
    talk.sayKey('listener', 'security', 'ServerHello')
    talk.seal()
    talk.say('listener', 'security', `EncryptedExtensions${muxers}, CertificateRequest, Certificate, Finished`)
    talk.say('dialer', 'security', 'Certificate, Finished')
  } else {
    // Both say who they are, and neither has to wait for the other one.
    talk.say('listener', 'security', 'Exchange: identity')
    talk.say('dialer', 'security', 'Exchange: identity')
  }
  if (!earlyMuxer || security === 'none') talk.negotiate('/yamux/1.0.0')
}

function openQuic(talk: Talk): void {
  // Initial packets are protected by keys that anybody can derive from the packet itself.
  talk.sayKey('dialer', 'quic', 'Initial: ClientHello')
  talk.sayKey('listener', 'quic', 'Initial: ServerHello')
  talk.seal()
  talk.say('listener', 'quic', 'Handshake: EncryptedExtensions, CertificateRequest, Certificate, Finished')
  talk.say('dialer', 'quic', 'Handshake: Certificate, Finished')
}

/** Takes down who says what: what one side says in a row is one flight. */
class Talk {
  readonly flights: { readonly by: UpgradeSide; readonly says: Utterance[] }[] = []
  #isSealed = false

  say(by: UpgradeSide, layer: UpgradeLayer, text: string, hasKey = false): void {
    let flight = this.flights.at(-1)
    if (flight?.by !== by) this.flights.push((flight = { by, says: [] }))
    flight.says.push({ layer, text, isSealed: this.#isSealed, hasKey })
  }

  sayKey(by: UpgradeSide, layer: UpgradeLayer, text: string): void {
    this.say(by, layer, text, true)
  }

  /** From here on both have keys. */
  seal(): void {
    this.#isSealed = true
  }

  negotiate(protocol: string): void {
    this.propose(protocol)
    this.confirm(protocol)
  }

  propose(protocol: string): void {
    this.say('dialer', 'multistream', '/multistream/1.0.0')
    this.say('dialer', 'multistream', protocol)
  }

  confirm(protocol: string): void {
    this.say('listener', 'multistream', '/multistream/1.0.0')
    this.say('listener', 'multistream', protocol)
  }
}
