export { LocalSubject } from './local-subject.ts'
export { SubjectError, SubjectGone, substituteWith, type SubjectProtocolOptions } from './subject-protocol.ts'
export {
  maxEffects,
  type CallReply,
  type Effect,
  type NodeEvent,
  type NodeSetup,
  type Reply,
  type Subject,
  type SubjectFailure,
} from './subject.ts'
