import {
  groupedEndpoints,
  predictedEclipse,
  randomEndpoint,
  type AddressTable,
  type Ipv4Endpoint,
  type TableParameters,
} from '@peerlab/engine'
import { connect, hour, minute, restarted, tableUnderTest, type TableUnderTest } from './address-table.ts'

/** An attack as Heilman et al. 2015 describe it, on the real table: rounds of connections until the victim restarts. */
export interface Attack {
  /** Addresses in this many groups … */
  readonly groups: number
  /** … and in each of them this many. */
  readonly perGroup: number
  /** How long the attacker needs for one connection from each of its addresses. */
  readonly round: number
  readonly duration: number
  /** Honest addresses that have connected within the hour before: the table is full with twelve thousand. */
  readonly honest: number
  /** The victim's table; default that of bitcoind 0.9.3. Where it tests before it evicts, everybody answers. */
  readonly parameters?: TableParameters
}

export interface Attacked extends TableUnderTest {
  readonly attackers: ReadonlySet<Ipv4Endpoint>
  /** The attacker's share of the tried table. */
  readonly share: number
  /** What the paper predicts for this share: eight honest addresses are connected, hence fresh, the rest is old. */
  readonly predicted: number
}

/** Fills a table, lets the victim make eight connections, and attacks. */
export function attack({ groups, perGroup, round, duration, honest, parameters }: Attack, seed: number): Attacked {
  const run = tableUnderTest(parameters, seed)
  const { table, clock, random } = run
  for (let i = 0; i < honest; i++) {
    clock.now = (hour * i) / honest - hour
    connect(run, randomEndpoint(random, 8333))
  }
  clock.now = 0
  const connected = connectEight(run)
  const addresses = random.shuffle(groupedEndpoints(random, { groups, perGroup }))
  const rounds = Math.floor(duration / round)
  for (let turn = 0, next = 0; turn < rounds * addresses.length; turn++) {
    clock.now = duration - rounds * round + (round * turn) / addresses.length
    for (; next <= clock.now; next += 21 * minute) for (const peer of connected) table.connected(peer)
    connect(run, addresses[turn % addresses.length]!)
    answerTests(table)
  }
  clock.now = duration
  const attackers = new Set(addresses)
  const share = triedShare(run, attackers)
  const situation = { share, connectedShare: Math.min(8 / table.triedCount, 1 - share), round, duration }
  return { ...run, attackers, share, predicted: predictedEclipse(situation) }
}

/** Which share of the tried table is in this set. */
export function triedShare({ table }: TableUnderTest, among: ReadonlySet<Ipv4Endpoint>): number {
  const tried = [...table.store.entries].filter(({ inTried }) => inTried)
  return tried.filter(({ endpoint }) => among.has(endpoint)).length / tried.length
}

/**
 * Restarts, one after the other from the same table: 1 where all outgoing connections go to the attacker, else 0. Nobody
 * in new answers: the paper's assumption, as the attacker has filled it with trash.
 */
export function restarts(attacked: Attacked, count: number, connections = 8): (0 | 1)[] {
  const { table } = restarted(attacked)
  const isCaptured = (outgoing: number): boolean => {
    let peer = table.select({ outgoing })!
    while (!table.find(peer)!.inTried) peer = table.select({ outgoing })!
    return attacked.attackers.has(peer)
  }
  return Array.from({ length: count }, () => {
    for (let outgoing = 0; outgoing < connections; outgoing++) if (!isCaptured(outgoing)) return 0
    return 1
  })
}

/** Tests as they come up: a real victim makes one in two minutes, in which the attacker has to wait. */
function answerTests(table: AddressTable): void {
  const tested = table.parameters.testBeforeEvict ? table.drawTest() : undefined
  if (tested === undefined) return
  table.attempt(tested)
  table.good(tested)
}

function connectEight({ table }: TableUnderTest): Ipv4Endpoint[] {
  const connected = new Set<Ipv4Endpoint>()
  while (connected.size < 8) {
    const peer = table.select({ outgoing: connected.size })!
    if (table.find(peer)!.inTried) connected.add(peer)
  }
  for (const peer of connected) table.good(peer)
  return [...connected]
}
