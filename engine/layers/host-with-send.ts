import type { Host } from '../core/host.ts'

/** The same host, but for what becomes of what is sent, and of timers if that is given. */
export function hostWithSend(
  host: Host,
  send: Host['send'],
  setTimer: Host['setTimer'] = (name, delay) => host.setTimer(name, delay),
): Host {
  return {
    get address() {
      return host.address
    },
    get now() {
      return host.now
    },
    get random() {
      return host.random
    },
    get neighbors() {
      return host.neighbors
    },
    get storage() {
      return host.storage
    },
    send,
    setTimer,
    cancelTimer: (name) => host.cancelTimer(name),
    report: (event, detail) => host.report(event, detail),
  }
}
