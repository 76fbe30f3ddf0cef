export {
  checkAddress,
  denseAddresses,
  maxAddress,
  unguessableAddresses,
  type Address,
  type AddressBook,
} from './core/address.ts'
export {
  exponentialSpans,
  paretoSpans,
  replayChurn,
  startChurn,
  weibullSpans,
  type ChurnChange,
  type ChurnOptions,
  type Spans,
} from './core/churn.ts'
export { CounterHash, threefryBlock } from './core/counter-hash.ts'
export { copyData, firstDifference, NotPlainData, type Command, type Data, type Message } from './core/data.ts'
export { exponential, normal, pareto, poisson, weibull, weibullScale } from './core/distributions.ts'
export { checkInteger, checkNumber, describe } from './core/errors.ts'
export { datagramHeader, encodedSize } from './core/encoded-size.ts'
export { eventKinds, type EventKind } from './core/event-queue.ts'
export { exp, gamma, ln, pow } from './core/exact-math.ts'
export {
  maxPort,
  type AttackerHost,
  type Host,
  type Port,
  type Protocol,
  type ProtocolFactory,
  type SendOptions,
  type Storage,
} from './core/host.ts'
export type { Inbox } from './core/inboxes.ts'
export { Internet, type NatSite, type Site } from './core/internet.ts'
export {
  constantLatency,
  logNormalLatency,
  uniformLatency,
  withLinkLatencies,
  type LatencyModel,
  type LinkLatency,
} from './core/latency.ts'
export { normalQuantile } from './core/normal.ts'
export type { Bandwidth } from './core/links.ts'
export { NatBox, type Endpoint, type NatBehavior, type NatMapping, type NatOptions } from './core/nat.ts'
export type { Observer } from './core/observer.ts'
export { deriveStream, deriveWords, Stream, type Random } from './core/random.ts'
export {
  assignRegions,
  bitcoinRegions2019,
  meanRegionalLatency,
  regionalLatency,
  type RegionalLatencyOptions,
  type RegionTable,
} from './core/regions.ts'
export {
  corruption,
  delay,
  drop,
  duplicate,
  duplication,
  extraDelay,
  loss,
  maxCopies,
  oneWayPartition,
  partition,
  pass,
  replace,
  type Packet,
  type Rule,
  type Verdict,
} from './core/rules.ts'
export { Session, type Playable, type Recorded, type SessionOptions } from './core/session.ts'
export { ProtocolError } from './core/protocol-error.ts'
export type { PacketCounts, RunBounds, SimulationOptions, StopReason } from './core/simulation-options.ts'
export { Simulation } from './core/simulation.ts'
export type { SubstituteProtocol, SubstituteSetup } from './core/substitute.ts'
export { maxMillis, type Millis } from './core/time.ts'
export {
  complete,
  grid,
  randomGraph,
  randomOut,
  randomRegular,
  ring,
  scaleFree,
  smallWorld,
  star,
} from './core/topologies.ts'
export { topologyFromEdges, type Topology } from './core/topology.ts'
export type { Departure, Route, Underlay } from './core/underlay.ts'
export { MemoryStorage } from './core/storage.ts'
export { Trace, type TracedDrop, type TracedEvent, type TracedReport, type TraceOptions } from './core/trace.ts'
export {
  Connections,
  type CloseReason,
  type Connection,
  type ConnectionsOptions,
  type Direction,
} from './layers/connections.ts'
export { IdSet } from './layers/id-set.ts'
export { Pacemaker, type PacemakerOptions, type Timing } from './layers/pacemaker.ts'
export { hostWithSend } from './layers/host-with-send.ts'
export { samplePeers } from './layers/peers.ts'
export { isRequest, Requests, type ReplyMessage, type RequestMessage, type RequestsOptions } from './layers/requests.ts'
export { clustering, type Clustering } from './measures/clustering.ts'
export { bucketsReached, captureOdds, predictedEclipse, type EclipseSituation } from './measures/eclipse-odds.ts'
export { expectedForkDepth } from './measures/fork-depth.ts'
export {
  availability,
  birthdayPunchOdds,
  clientServerTime,
  finalResidue,
  floodReach,
  fragmentAvailability,
  logistic,
  logisticTime,
  peerToPeerTime,
  replicationAvailability,
  waves,
  type FileDistribution,
} from './measures/formulas.ts'
export {
  componentSizes,
  degreeDistribution,
  degrees,
  diameterAtLeast,
  distancesFrom,
  inDegrees,
  pathLength,
  type DegreeDistribution,
  type PathLength,
  type PathLengthOptions,
} from './measures/graph.ts'
export { isPunchable, type NatPair } from './measures/nat-pairs.ts'
export { roundTripsBeforeData, type UpgradeSteps } from './measures/round-trips.ts'
export { PeerLinks, type PeerLink } from './measures/peer-links.ts'
export { objectSurvival, type RepairSituation } from './measures/repair-odds.ts'
export { Spread, type RumorSpread } from './measures/spread.ts'
export { AddressTable, type AddressTableOptions } from './protocols/address-table/address-table.ts'
export {
  endpointBook,
  endpointOf,
  formatEndpoint,
  groupOf,
  hostOf,
  isRoutable,
  parseEndpoint,
  portOf,
  randomEndpoint,
  subnetOf,
  type Ipv4Endpoint,
} from './protocols/address-table/endpoint.ts'
export type { PlacementKey } from './protocols/address-table/placement.ts'
export { restoreTable, saveTable, type SavedTable } from './protocols/address-table/saved-table.ts'
export { chanceOf, isTerrible, type TableEntry } from './protocols/address-table/table-entry.ts'
export {
  addressAges,
  bitcoinCoreTable,
  bitcoind093Table,
  type TableParameters,
} from './protocols/address-table/table-parameters.ts'
export { collisionLimits } from './protocols/address-table/tried-collisions.ts'
export * from './protocols/attackers/index.ts'
export { AntiEntropy, type AntiEntropyOptions, type StoreCommand } from './protocols/anti-entropy/anti-entropy.ts'
export type { AntiEntropyMessage, RangeDigest } from './protocols/anti-entropy/messages.ts'
export { digest, isInRange, isNewer, merge, type StoreEntry } from './protocols/anti-entropy/store.ts'
export {
  Averaging,
  type AveragingMessage,
  type AveragingOptions,
  type Offer,
  type SetValue,
  type Settle,
} from './protocols/averaging.ts'
export { anomalySigns } from './protocols/bitcoin/anomaly-detector.ts'
export { BitcoinNode, type BitcoinNodeOptions, type Shutdown } from './protocols/bitcoin/bitcoin-node.ts'
export {
  bitcoinCore,
  bitcoind093,
  bitcoinTiming,
  largeAddr,
  type BitcoinParameters,
} from './protocols/bitcoin/bitcoin-parameters.ts'
export { countermeasureNames, withCountermeasures, type Countermeasures } from './protocols/bitcoin/countermeasures.ts'
export type { BitcoinLink, BitcoinLinkKind } from './protocols/bitcoin/links.ts'
export {
  isBitcoinMessage,
  maxAddresses,
  type Addr,
  type AddressRecord,
  type BitcoinMessage,
} from './protocols/bitcoin/messages.ts'
export { BlockPropagation } from './protocols/block-propagation/block-propagation.ts'
export { blockId, genesis, isBlockHeader, type BlockHeader } from './protocols/block-propagation/block.ts'
export {
  isBlockMessage,
  type BlockMessage,
  type BlockTransactions,
  type CompactBlock,
  type FullBlock,
  type GetBlockTransactions,
  type GetData,
  type Inv,
  type Mine,
  type SendCompact,
} from './protocols/block-propagation/messages.ts'
export {
  blockPropagationDefaults,
  type BlockPropagationOptions,
  type BlockPropagationSettings,
  type Mining,
} from './protocols/block-propagation/options.ts'
export { FileClient, type FileClientOptions } from './protocols/client-server/file-client.ts'
export { FileServer, type FileServerOptions } from './protocols/client-server/file-server.ts'
export { ChordTable, clockwiseFrom, ownerIn, type ChordRoute } from './protocols/chord/chord-table.ts'
export { Chord, type ChordLookup, type ChordOptions } from './protocols/chord/chord.ts'
export { addPowerOfTwo, compareIds, isBetween, isStrictlyBetween } from './protocols/chord/ring-interval.ts'
export { idOf, idToHex, isContactList, isId, sameContact, sameId, type Contact, type Id } from './protocols/contact.ts'
export { Cyclon, type CyclonOptions, type Shuffle, type ViewEntry } from './protocols/cyclon.ts'
export { Bootnode, type BootnodeOptions } from './protocols/discovery/bootnode.ts'
export { Discovery } from './protocols/discovery/discovery.ts'
export { isDiscoveryMessage, type DiscoveryMessage, type DiscoveryPeers } from './protocols/discovery/messages.ts'
export type { DiscoveryOptions } from './protocols/discovery/options.ts'
export * from './protocols/connection-upgrade/index.ts'
export { Flooding, type FloodingOptions } from './protocols/flooding.ts'
export { gethDialed, gethLimits, GethTable, type GethLimits, type GethNode } from './protocols/geth-table.ts'
export { Gossip, type GossipMessage, type GossipOptions, type Have, type Want } from './protocols/gossip.ts'
export { GossipSub } from './protocols/gossipsub/gossipsub.ts'
export { MessageCache } from './protocols/gossipsub/message-cache.ts'
export {
  defaultTopic,
  isGossipSubMessage,
  type Ack,
  type ChangeSubscription,
  type GossipSubCommand,
  type GossipSubMessage,
  type Graft,
  type IHave,
  type IWant,
  type Prune,
  type Publication,
  type PublishTo,
  type Subscribe,
} from './protocols/gossipsub/messages.ts'
export {
  ethereumGossipSub,
  gossipSubDefaults,
  type GossipSubOptions,
  type GossipSubParameters,
  type Validity,
} from './protocols/gossipsub/parameters.ts'
export {
  ethereumBlockScoring,
  ethereumScoring,
  type ScoreThresholds,
  type Scoring,
  type TopicScoring,
} from './protocols/gossipsub/scoring.ts'
export { Greeter, Hello, type HelloMessage } from './protocols/hello.ts'
export { IterativeLookup, type LookupOptions } from './protocols/kademlia/iterative-lookup.ts'
export type { KademliaMessage } from './protocols/kademlia/kademlia-messages.ts'
export {
  bep5IdBytes,
  bep5Kademlia,
  libp2pKademlia,
  type KademliaConstants,
  type KademliaOptions,
} from './protocols/kademlia/kademlia-options.ts'
export { Kademlia, type KademliaCommand } from './protocols/kademlia/kademlia.ts'
export {
  KBucket,
  RoutingTable,
  type BucketEntry,
  type RoutingTableOptions,
} from './protocols/kademlia/routing-table.ts'
export { StoreTokens, tokenLifetime, tokenSecretInterval } from './protocols/kademlia/store-tokens.ts'
export {
  closestContacts,
  commonPrefixLength,
  compareDistance,
  randomIdAt,
  xorDistance,
} from './protocols/kademlia/xor-distance.ts'
export * from './protocols/multiaddr/index.ts'
export * from './protocols/multiplexing/index.ts'
export * from './protocols/nat-traversal/index.ts'
export {
  maxPieceLength,
  maxPieces,
  metainfoOf,
  randomFile,
  type FileOptions,
  type Metainfo,
} from './protocols/piece-exchange/metainfo.ts'
export type { PieceMessage } from './protocols/piece-exchange/messages.ts'
export { pieceExchangeDefaults, type PieceExchangeOptions } from './protocols/piece-exchange/options.ts'
export { PieceExchange } from './protocols/piece-exchange/piece-exchange.ts'
export { PieceSet } from './protocols/piece-exchange/piece-set.ts'
export type { GivenPieces } from './protocols/piece-exchange/piece-store.ts'
export { LongestChain, type LongestChainOptions } from './protocols/payments/longest-chain.ts'
export {
  paymentBlockId,
  type GetPaymentBlock,
  type LedgerMessage,
  type LedgerTip,
  type Pay,
  type Payment,
  type PaymentBlock,
  type PaymentBlockReply,
  type PaymentMessage,
} from './protocols/payments/messages.ts'
export { PushPull, type PushPullOptions } from './protocols/push-pull.ts'
export { bitcoinMisbehaviour, PeerScores, type PeerScoreOptions } from './protocols/peer-scores.ts'
export { Pull, type PullOptions } from './protocols/pull.ts'
export { Push, type PushOptions } from './protocols/push.ts'
export { RateLimiter, type RateAccount, type RateLimiterOptions, type RateVerdict } from './protocols/rate-limiter.ts'
export * from './protocols/resource-limits.ts'
export {
  Replication,
  type CheckObjects,
  type HeldObjects,
  type PutObject,
  type ReplicationMessage,
  type ReplicationOptions,
  type StoreObject,
} from './protocols/replication.ts'
export { RumorMongering, type RumorMongeringOptions } from './protocols/rumor-mongering.ts'
export { isIdList, isRumor, type Publish, type Rumor } from './protocols/rumor.ts'
export { Interest, type StopRule, type StopRuleOptions } from './protocols/stop-rule.ts'
export type { MemberStatus, MemberUpdate, SwimMessage } from './protocols/swim/messages.ts'
export type { SwimOptions } from './protocols/swim/options.ts'
export { Swim } from './protocols/swim/swim.ts'
export { bitcoinAddressRate, TokenBucket, type TokenBucketOptions } from './protocols/token-bucket.ts'
export { drawArrivals, drawRoles, type Role, type RoleValues } from './scenarios/bootstrap-roles.ts'
export {
  defineScenario,
  type Action,
  type ActionInput,
  type Context,
  type Curve,
  type Measure,
  type MessageKind,
  type Presentation,
  type Scenario,
  type State,
  type Tone,
  type World,
} from './scenarios/define-scenario.ts'
export * from './measures/score-forecast.ts'
export * from './protocols/guarded-server.ts'
export * from './protocols/index-search.ts'
export * from './protocols/scored-exchange.ts'
export * from './protocols/geth-discovery.ts'
export * from './scenarios/gossip-protocol.ts'
export { Lookups, type Lookup, type LookupAsk, type LookupsOptions } from './scenarios/kademlia-lookups.ts'
export { fullTable, kademliaContacts, keyOf, type Lie } from './scenarios/kademlia-network.ts'
export { fromLink, isLink, readLink, toLink, type LinkNotes, type RunLink } from './scenarios/link.ts'
export {
  allowed,
  checkParameters,
  formatParameter,
  parseParameter,
  UnknownParameter,
  type ChoiceParameter,
  type DataParameter,
  type NumberParameter,
  type Parameter,
  type Parameters,
  type SwitchParameter,
  type ValuesOf,
} from './scenarios/parameters.ts'
export { findScenario, scenarios, UnknownScenario } from './scenarios/registry.ts'
export { Run, type RunOptions, type RunSpec } from './scenarios/run.ts'
export * from './subject/index.ts'
export {
  explainPacket,
  explainRumor,
  inWords,
  stepsTo,
  type Explanation,
  type SentPacket,
  type Step,
} from './measures/why.ts'
export { engineVersion } from './core/version.ts'
export { sha256 } from './core/hash.ts'
