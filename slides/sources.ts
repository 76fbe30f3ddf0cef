/**
 * Where the facts of the decks come from: one list for the whole course. A slide names what it uses in its front matter
 * (`sources: [demers-1987]`); the theme prints the names on the slide, and the deck's last slides collect them.
 */

export interface Source {
  /** As it is printed on a slide: authors and year, or the name of the document. */
  readonly name: string
  readonly group: SourceGroup
  /** What the course takes from it, in a few words. */
  readonly about: string
  /** Title, and where it was published. */
  readonly title: string
  readonly url: string
}

export type SourceGroup = 'Papers' | 'libp2p' | 'Ethereum' | 'Bitcoin' | 'Internet'

export const sources: { readonly [id: string]: Source } = {
  'kermack-1927': {
    name: 'Kermack, McKendrick 1927',
    group: 'Papers',
    about: 'epidemics',
    title: 'A contribution to the mathematical theory of epidemics, Proceedings of the Royal Society A 115',
    url: 'https://doi.org/10.1098/rspa.1927.0118',
  },
  'demers-1987': {
    name: 'Demers et al. 1987',
    group: 'Papers',
    about: 'push, pull, stop rules',
    title: 'Epidemic algorithms for replicated database maintenance, PODC',
    url: 'https://doi.org/10.1145/41840.41841',
  },
  'pittel-1987': {
    name: 'Pittel 1987',
    group: 'Papers',
    about: 'rounds of push',
    title: 'On spreading a rumor, SIAM Journal on Applied Mathematics 47(1)',
    url: 'https://doi.org/10.1137/0147013',
  },
  'birman-1999': {
    name: 'Birman et al. 1999',
    group: 'Papers',
    about: 'push, then repair',
    title: 'Bimodal multicast, ACM Transactions on Computer Systems 17(2)',
    url: 'https://doi.org/10.1145/312203.312207',
  },
  'karp-2000': {
    name: 'Karp et al. 2000',
    group: 'Papers',
    about: 'push-pull',
    title: 'Randomized rumor spreading, FOCS',
    url: 'https://doi.org/10.1109/SFCS.2000.892324',
  },
  'kermarrec-2003': {
    name: 'Kermarrec et al. 2003',
    group: 'Papers',
    about: 'enough fanout',
    title: 'Probabilistic reliable dissemination in large-scale systems, IEEE TPDS 14(3)',
    url: 'https://doi.org/10.1109/TPDS.2003.1189583',
  },
  'fanti-2017': {
    name: 'Fanti, Viswanath 2017',
    group: 'Papers',
    about: 'who spoke first',
    title: 'Deanonymization in the Bitcoin P2P network, NeurIPS',
    url: 'https://arxiv.org/abs/1703.08761',
  },
  'naumenko-2019': {
    name: 'Naumenko et al. 2019',
    group: 'Papers',
    about: 'Erlay',
    title: 'Bandwidth-efficient transaction relay for Bitcoin, arXiv 1905.10518',
    url: 'https://arxiv.org/abs/1905.10518',
  },
  'gossipsub-1.0': {
    name: 'gossipsub v1.0',
    group: 'libp2p',
    about: 'mesh, IHAVE, IWANT',
    title: 'gossipsub v1.0: an extensible baseline pubsub protocol, libp2p/specs',
    url: 'https://github.com/libp2p/specs/blob/master/pubsub/gossipsub/gossipsub-v1.0.md',
  },
  'gossipsub-1.1': {
    name: 'gossipsub v1.1',
    group: 'libp2p',
    about: 'scores, limits',
    title: 'gossipsub v1.1: security extensions, libp2p/specs',
    url: 'https://github.com/libp2p/specs/blob/master/pubsub/gossipsub/gossipsub-v1.1.md',
  },
  'go-libp2p-pubsub': {
    name: 'go-libp2p-pubsub',
    group: 'libp2p',
    about: 'defaults',
    title: 'gossipsub.go and pubsub.go',
    url: 'https://github.com/libp2p/go-libp2p-pubsub',
  },
  'consensus-specs': {
    name: 'consensus-specs',
    group: 'Ethereum',
    about: 'mesh for blocks',
    title: 'Phase 0, networking: specs/phase0/p2p-interface.md',
    url: 'https://github.com/ethereum/consensus-specs/blob/master/specs/phase0/p2p-interface.md',
  },
  'devp2p-eth': {
    name: 'devp2p, eth',
    group: 'Ethereum',
    about: 'transactions',
    title: 'Ethereum wire protocol, caps/eth.md',
    url: 'https://github.com/ethereum/devp2p/blob/master/caps/eth.md',
  },
  'eip-2464': {
    name: 'EIP-2464',
    group: 'Ethereum',
    about: '√n, announcements',
    title: 'eth/65: transaction announcements and retrievals',
    url: 'https://eips.ethereum.org/EIPS/eip-2464',
  },
  'bitcoin-core': {
    name: 'Bitcoin Core',
    group: 'Bitcoin',
    about: 'delays',
    title: 'src/net_processing.cpp and src/node/txdownloadman.h',
    url: 'https://github.com/bitcoin/bitcoin',
  },
  'bitcoin-reference': {
    name: 'Bitcoin developer reference',
    group: 'Bitcoin',
    about: 'inv, getdata, tx',
    title: 'Bitcoin developer reference, P2P network, data messages',
    url: 'https://developer.bitcoin.org/reference/p2p_networking.html',
  },
  'bip-152': {
    name: 'BIP 152',
    group: 'Bitcoin',
    about: 'compact blocks',
    title: 'Compact block relay',
    url: 'https://github.com/bitcoin/bips/blob/master/bip-0152.mediawiki',
  },
  'bip-330': {
    name: 'BIP 330',
    group: 'Bitcoin',
    about: 'Erlay draft',
    title: 'Transaction announcements reconciliation',
    url: 'https://github.com/bitcoin/bips/blob/master/bip-0330.mediawiki',
  },
  'gnutella-0.4': {
    name: 'Gnutella 0.4',
    group: 'Internet',
    about: 'flooding',
    title: 'The Gnutella protocol specification v0.4, Clip2',
    url: 'https://rfc-gnutella.sourceforge.net/developer/stable/index.html',
  },
  'rfc-768': {
    name: 'RFC 768',
    group: 'Internet',
    about: 'UDP',
    title: 'User datagram protocol',
    url: 'https://www.rfc-editor.org/rfc/rfc768',
  },
  'rfc-791': {
    name: 'RFC 791',
    group: 'Internet',
    about: 'TTL',
    title: 'Internet protocol',
    url: 'https://www.rfc-editor.org/rfc/rfc791',
  },
}
