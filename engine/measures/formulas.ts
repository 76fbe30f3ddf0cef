import { checkInteger, checkNumber, describe } from '../core/errors.ts'
import { exp, ln, pow } from '../core/exact-math.ts'
import { maxPort } from '../core/host.ts'

/**
 * The SI epidemic: the share that knows at time t, with i(0) = initial and `rate` contacts a node makes in a unit of
 * time: i(t) = 1 / (1 + (1/i(0) - 1) e^(-rate·t)). Exact for many nodes that mix well and contact at random times.
 */
export function logistic(initial: number, rate: number, time: number): number {
  return 1 / (1 + (1 / initial - 1) * exp(-Math.min(rate * time, 700)))
}

/** When the SI epidemic reaches a share. The inverse of {@link logistic}. */
export function logisticTime(initial: number, rate: number, share: number): number {
  return ln((1 / initial - 1) / (1 / share - 1)) / rate
}

/**
 * Spread in waves: in each, those who have just heard tell `fanout` random others. The share that knows after each
 * wave, from wave 0 (one node of `size`), until a wave adds less than half a node or `waves` are made.
 */
export function waves(size: number, fanout: number, maxWaves: number): number[] {
  let known = 1 / size
  let fresh = known
  const shares = [known]
  while (shares.length <= maxWaves && fresh * size >= 0.5) {
    fresh = (1 - known) * (1 - exp(-fanout * fresh))
    known += fresh
    shares.push(known)
  }
  return shares
}

/** The share that never hears: the root of s = e^(-m(1-s)) for m calls a node. Kermack and McKendrick 1927. */
export function finalResidue(meanCalls: number): number {
  let residue = 0
  for (let i = 0; i < 10_000; i++) residue = exp(-meanCalls * (1 - residue))
  return residue
}

/**
 * The probability that one of `probes` random probes hits one of the ports that the other side has open:
 * 1 - (1 - open / 65535)^probes. Half is reached at 177 probes for 256 ports; 174, as is often said, gives 0.494.
 * Anderson, "How NAT traversal works", Tailscale 2020.
 */
export function birthdayPunchOdds(openPorts: number, probes: number): number {
  checkInteger('open ports', openPorts, { min: 0, max: maxPort })
  checkInteger('probes', probes, { min: 0, max: Number.MAX_SAFE_INTEGER })
  return 1 - pow(1 - openPorts / maxPort, probes)
}

/**
 * How many nodes a flood reaches besides its origin, where every node has `degree` neighbors and `ttl` hops are allowed:
 * Σ degree (degree - 1)^(i - 1) for i = 1 … ttl. Exact on a tree; where there are cycles, no flood reaches more.
 */
export function floodReach(degree: number, ttl: number): number {
  checkInteger('degree', degree, { min: 0, max: 1_000_000 })
  checkInteger('ttl', ttl, { min: 0, max: 255 })
  let reached = 0
  let wave = degree
  for (let hop = 1; hop <= ttl; hop++) {
    reached += wave
    wave *= degree - 1
  }
  return reached
}

/** The share of time for which a node is up, from its mean spans up and down, in one unit. Whatever their distributions. */
export function availability(meanUp: number, meanDown: number): number {
  checkPositive('mean up', meanUp)
  checkNumber('mean down', meanDown, { min: 0, max: Number.MAX_VALUE })
  return meanUp / (meanUp + meanDown)
}

/** The probability that one of `replicas` copies is up, when each is with probability `up` and on its own: 1-(1-a)^r. */
export function replicationAvailability(replicas: number, up: number): number {
  return fragmentAvailability(1, replicas, up)
}

/**
 * The probability that `needed` of `total` fragments are up, when each is with probability `up` and on its own: the upper
 * tail of the binomial distribution. The relative error is about 1e-16 a fragment, however small the tail; so 1 minus it
 * is had without loss as fragmentAvailability(total - needed + 1, total, 1 - up).
 * @param total 0 to 10^6
 * @param needed 0 to total + 1
 */
export function fragmentAvailability(needed: number, total: number, up: number): number {
  checkInteger('total', total, { min: 0, max: 1_000_000 })
  checkInteger('needed', needed, { min: 0, max: total + 1 })
  checkNumber('up', up, { min: 0, max: 1 })
  if (needed === 0) return 1
  if (up === 0 || up === 1) return up === 1 && needed <= total ? 1 : 0
  // Terms relative to the largest one, by the ratio of neighbors, so that none overflows and no logarithm is needed.
  const odds = up / (1 - up)
  const mode = Math.min(Math.floor((total + 1) * up), total)
  let [all, tail] = [0, 0]
  for (let count = mode, term = 1; count <= total && term > 0; count++) {
    all += term
    if (count >= needed) tail += term
    term *= ((total - count) / (count + 1)) * odds
  }
  for (let count = mode, term = 1; count > 0 && term > 0;) {
    term *= count / ((total - count + 1) * odds)
    count--
    all += term
    if (count >= needed) tail += term
  }
  return tail / all
}

/**
 * A file for many peers. Sizes and rates in units that fit, for instance bits and bits a second; times are then seconds.
 * Rates may be Infinity.
 */
export interface FileDistribution {
  readonly fileSize: number
  /** How many peers want the file. */
  readonly peers: number
  readonly serverUpload: number
  /** The lowest download rate of a peer. Default: no limit. */
  readonly slowestDownload?: number
}

/**
 * How long a server takes to send the file to every peer by itself: max{NF/u_s, F/d_min}. Exact for a fluid, which can be
 * cut at will. Kurose and Ross, "Computer Networking", section 2.5.
 */
export function clientServerTime(distribution: FileDistribution): number {
  const { fileSize, peers, serverUpload, slowestDownload } = checkDistribution(distribution)
  return Math.max((peers * fileSize) / serverUpload, fileSize / slowestDownload)
}

/**
 * No way is faster when peers upload too: max{F/u_s, F/d_min, NF/(u_s + Σu_i)}. A fluid reaches it (Kumar and Ross,
 * "Peer-assisted file distribution: the minimum distribution time", 2006). Kurose and Ross, section 2.5.
 * @param peerUpload the upload rates of all peers together, Σu_i
 */
export function peerToPeerTime(distribution: FileDistribution, peerUpload: number): number {
  const { fileSize, peers, serverUpload, slowestDownload } = checkDistribution(distribution)
  checkNumber('peer upload', peerUpload, { min: 0, max: Infinity })
  return Math.max(fileSize / serverUpload, fileSize / slowestDownload, (peers * fileSize) / (serverUpload + peerUpload))
}

function checkDistribution({ slowestDownload = Infinity, ...rest }: FileDistribution): Required<FileDistribution> {
  checkNumber('file size', rest.fileSize, { min: 0, max: Number.MAX_VALUE })
  checkInteger('peers', rest.peers, { min: 1, max: Number.MAX_SAFE_INTEGER })
  checkPositive('server upload', rest.serverUpload)
  checkPositive('slowest download', slowestDownload)
  return { ...rest, slowestDownload }
}

function checkPositive(name: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0))
    throw new RangeError(`${name} is ${describe(value)}; it must be over 0`)
}
