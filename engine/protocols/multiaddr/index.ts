/** Addresses that say how to reach a peer, who dials them, and who is dialed. */
export { MultiaddrDialer, type DialMultiaddr, type MultiaddrDialerOptions } from './dialer.ts'
export { MultiaddrListener, NameServer, type MultiaddrListenerOptions } from './listener.ts'
export {
  formatMultiaddr,
  multiaddrProtocols,
  parseMultiaddr,
  planDial,
  type DialPlan,
  type DialTransport,
  type MultiaddrComponent,
  type MultiaddrProtocol,
} from './multiaddr.ts'
