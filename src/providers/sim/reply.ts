/** What the engine answers: a head, bytes with their times, and how it ends. Whoever plays it needs to know no protocol. */

export interface SimChunk {
  /** Milliseconds after the chunk before it, or after the head. */
  readonly afterMs: number
  readonly bytes: Uint8Array
}

export type SimEnding = 'end' | 'cut' | 'hang'

export interface SimAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds before the head. */
  readonly latencyMs: number
  /** Gone through once; made while it is, where it is long. */
  readonly chunks: Iterable<SimChunk>
  /** Known after the last chunk: a proper end, a connection that closes, or nothing at all any more. */
  readonly ending: () => SimEnding
  /** How to compress it on a real connection; inside the process there is nothing to compress. */
  readonly gzip: 'none' | 'valid' | 'corrupt'
}

/** The connection closes without any answer. */
export interface SimReset {
  readonly kind: 'reset'
  readonly latencyMs: number
}

export type SimReply = SimAnswer | SimReset
