/** From a first packet to an application that talks, over TCP and over QUIC, and who reads along. */
export {
  applicationAnswer,
  applicationRequest,
  flightsOf,
  upgradeLayers,
  type Flight,
  type UpgradeLayer,
  type UpgradeSide,
  type UpgradeStack,
  type Utterance,
} from './flights.ts'
export {
  UpgradePeer,
  type DialUpgrade,
  type UpgradeMessage,
  type UpgradePart,
  type UpgradePeerOptions,
} from './upgrade-peer.ts'
export { WireTap } from './wire-tap.ts'
