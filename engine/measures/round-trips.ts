/** What a connection is made of; see {@link roundTripsBeforeData}. */
export interface UpgradeSteps {
  readonly transport: 'tcp' | 'quic'
  readonly security: 'noise' | 'tls' | 'none'
  readonly earlyMuxer: boolean
  readonly waitsForProtocol: boolean
}

/**
 * Round trips before a dialer may send the first byte of its application, as the specifications count them. TCP: one for
 * its own handshake (RFC 9293), one to agree on the security protocol (libp2p/specs, connections), one until Noise XX or
 * TLS 1.3 lets the dialer send (noise, tls), none for plaintext, and one to agree on a multiplexer unless the handshake
 * did that (connections/inlined-muxer-negotiation.md). QUIC: one in all (RFC 9001). One more where the dialer waits to
 * hear that its stream's protocol is spoken.
 */
export function roundTripsBeforeData({ transport, security, earlyMuxer, waitsForProtocol }: UpgradeSteps): number {
  const stream = waitsForProtocol ? 1 : 0
  if (transport === 'quic') return 1 + stream
  const handshake = security === 'none' ? 0 : 1
  const muxer = earlyMuxer && security !== 'none' ? 0 : 1
  return 1 + 1 + handshake + muxer + stream
}
