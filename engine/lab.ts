/**
 * What a lab file may import: types, the small layers, sha256. Nothing here solves a lab.
 */
export type { Address } from './core/address.ts'
export type { Command, Data, Message } from './core/data.ts'
export type { Host, Protocol, Storage } from './core/host.ts'
export type { Random } from './core/random.ts'
export type { Millis } from './core/time.ts'
export { Pacemaker, type PacemakerOptions, type Timing } from './layers/pacemaker.ts'
export { isRequest, Requests, type ReplyMessage, type RequestMessage, type RequestsOptions } from './layers/requests.ts'
export { sha256 } from './core/hash.ts'
