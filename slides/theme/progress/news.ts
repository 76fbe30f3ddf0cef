/** The student's progress in one lab. */
export interface LabProgress {
  /** Tasks that passed when they were judged last, of all tasks. */
  readonly passed: number
  readonly tasks: number
  /** Of a graded lab. */
  readonly points?: number
  readonly maxPoints?: number
}

/** What the development server tells the overview. */
export interface ProgressNews {
  /** False: there is a file, and it is broken. */
  readonly isReadable: boolean
  /** By the lab's id. */
  readonly labs: { readonly [lab: string]: LabProgress }
}

/** The names under which server and page talk about it. */
export const newsEvent = 'peerlab:progress'
export const questionEvent = 'peerlab:progress?'
