import type { Host } from '../core/host.ts'

/** The same host, but for what becomes of what is sent. */
export function hostWithSend(host: Host, send: Host['send']): Host {
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
    setTimer: (name, delay) => host.setTimer(name, delay),
    cancelTimer: (name) => host.cancelTimer(name),
    report: (event, detail) => host.report(event, detail),
  }
}
