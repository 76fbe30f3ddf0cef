/** What one check has found out. */
export interface Finding {
  /** A short name for programs. */
  readonly check: string
  /** A sentence for people: what is well, or what is wrong. */
  readonly message: string
  /** What to do about it. Only where something is wrong. */
  readonly fix?: string
}
