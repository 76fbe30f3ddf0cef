/** Ways to peers that nobody can call: STUN, relays, hole punching, birthday punching. */
export {
  BirthdayOpener,
  BirthdayProber,
  type BirthdayMessage,
  type BirthdayOpenerOptions,
  type BirthdayProberOptions,
  type ProbeMore,
} from './birthday-punch.ts'
export {
  HolePunch,
  type ConnectPeer,
  type HolePunchCommand,
  type HolePunchMessage,
  type HolePunchOptions,
  type SayToPeer,
} from './hole-punch.ts'
export type { PeerName } from './fields.ts'
export { NatDiscovery, type NatDiscoveryOptions, type NatFindings } from './nat-discovery.ts'
export { RelayClient, type Circuit, type RelayClientEvents, type RelayClientOptions } from './relay-client.ts'
export type { CircuitLimit, RelayMessage, RelayStatus } from './relay-messages.ts'
export { circuitRelayLimits, Relay, type RelayLimits } from './relay.ts'
export {
  StunServer,
  type BindingRequest,
  type BindingResponse,
  type StunEndpoints,
  type StunMessage,
  type StunServerOptions,
} from './stun.ts'
