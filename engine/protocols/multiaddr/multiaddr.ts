/**
 * A multiaddr says how to reach a peer, from the outside in: `/ip4/192.0.2.7/tcp/4001/p2p/12D3…`. Each component is a
 * protocol and, for most, a value; each stands on those before it. libp2p/specs, addressing/README.md; multiformats/
 * multiaddr (text form). Simplified: the text form alone, without its bytes; the protocols that a TCP or QUIC dialer
 * needs; a peer id is any word of base58, of whatever length.
 */

export interface MultiaddrComponent {
  readonly protocol: MultiaddrProtocol
  /** Empty for protocols that have none. */
  readonly value: string
}

export const multiaddrProtocols = ['ip4', 'dns4', 'tcp', 'udp', 'quic-v1', 'tls', 'ws', 'p2p', 'p2p-circuit'] as const
export type MultiaddrProtocol = (typeof multiaddrProtocols)[number]

/** What a dialer has to do for an address. */
export interface DialPlan {
  /** An IPv4 address, or a name that has to be asked for. */
  readonly host: { readonly kind: 'ip4' | 'dns4'; readonly value: string }
  readonly transport: DialTransport
  readonly port: number
  /** Who has to answer there; undefined where the address does not say: then it may be anybody. */
  readonly peer: string | undefined
  /** Who is asked for at the relay that answers; undefined where there is none. */
  readonly target: string | undefined
}

/** WebSocket in the clear, and over TLS; the other two are TCP and QUIC. Raw UDP is no transport of libp2p. */
export type DialTransport = 'tcp' | 'quic-v1' | 'ws' | 'wss'

const valueForms: { readonly [protocol in MultiaddrProtocol]?: (value: string) => boolean } = {
  ip4: (value) => {
    const parts = value.split('.')
    return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  },
  dns4: (value) => /^[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63})*$/.test(value),
  tcp: isPort,
  udp: isPort,
  p2p: (value) => /^[1-9A-HJ-NP-Za-km-z]{1,64}$/.test(value),
}

/** The components, or undefined for what is no multiaddr: an unknown protocol, a value that is missing or wrong. */
export function parseMultiaddr(text: string): MultiaddrComponent[] | undefined {
  if (!text.startsWith('/')) return undefined
  const words = text.slice(1).split('/')
  const components: MultiaddrComponent[] = []
  for (let i = 0; i < words.length; i++) {
    const protocol = multiaddrProtocols.find((each) => each === words[i])
    if (protocol === undefined) return undefined
    const isValue = valueForms[protocol]
    const value = isValue === undefined ? '' : words[++i]
    if (value === undefined || (isValue !== undefined && !isValue(value))) return undefined
    components.push({ protocol, value })
  }
  return components
}

export function formatMultiaddr(components: readonly MultiaddrComponent[]): string {
  return components.map(({ protocol, value }) => (value === '' ? `/${protocol}` : `/${protocol}/${value}`)).join('')
}

/** How to dial it, or why nobody can. */
export function planDial(components: readonly MultiaddrComponent[]): DialPlan | string {
  const rest = [...components]
  const host = rest.shift()
  if (host?.protocol !== 'ip4' && host?.protocol !== 'dns4') return 'it does not say where'
  const carrier = rest.shift()
  if (carrier?.protocol !== 'tcp' && carrier?.protocol !== 'udp') return 'it does not say over what'
  const transport = takeTransport(carrier.protocol, rest)
  if (transport === undefined) return 'what it says is no transport'
  const peer = takePeer(rest)
  const isCircuit = rest[0]?.protocol === 'p2p-circuit'
  if (isCircuit) rest.shift()
  const target = isCircuit ? takePeer(rest) : undefined
  if (isCircuit && target === undefined) return 'it does not say whom to ask the relay for'
  if (rest.length > 0) return `it goes on with ${rest[0]!.protocol}, which nothing there carries`
  return { host: { kind: host.protocol, value: host.value }, transport, port: Number(carrier.value), peer, target }
}

function takeTransport(carrier: 'tcp' | 'udp', rest: MultiaddrComponent[]): DialTransport | undefined {
  const names: string[] = []
  while (['quic-v1', 'tls', 'ws'].includes(rest[0]?.protocol ?? '')) names.push(rest.shift()!.protocol)
  const stack = [carrier, ...names].join('/')
  return ({ tcp: 'tcp', 'tcp/ws': 'ws', 'tcp/tls/ws': 'wss', 'udp/quic-v1': 'quic-v1' } as const)[stack]
}

function takePeer(rest: MultiaddrComponent[]): string | undefined {
  return rest[0]?.protocol === 'p2p' ? rest.shift()!.value : undefined
}

function isPort(value: string): boolean {
  return /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535
}
