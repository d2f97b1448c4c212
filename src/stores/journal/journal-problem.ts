/** What can go wrong with the journal, told to the log. None of it reaches a request. */

export type JournalProblemKind =
  /** A write failed; the entries wait in memory and are tried again. */
  | 'write-failed'
  /** Writing works again, and what waited is on the disk. */
  | 'write-recovered'
  /** Entries were lost: more waited than memory was allowed for, or the journal was closed. */
  | 'dropped'
  | 'sync-failed'
  /** An entry cannot be written as JSON. */
  | 'unserializable'
  /** The last line of a segment is incomplete: the process or the disk stopped while it was written. */
  | 'torn'
  /** Lines within a segment are not what was written. */
  | 'corrupt'
  /** Segments that were not yet taken in are gone. */
  | 'missing'
  /** The store did not take entries in; they stay in the journal and are tried again. */
  | 'drain-failed'
  /** The background thread ended by itself; another one is started. */
  | 'drain-crashed'

export interface JournalProblem {
  readonly kind: JournalProblemKind
  readonly message: string
}

export type OnProblem = (problem: JournalProblem) => void

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
