/** Why a model stopped: one reason for every dialect, with the provider's own word beside it. */
import type { JsonValue } from './json.ts'

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'context-window'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  /** A long turn that the provider paused and the client may continue (`pause_turn`). */
  | 'pause'
  | 'error'
  | 'other'

export interface Finish {
  readonly reason: FinishReason
  /** The word of the dialect in `origin`; re-emitted by that dialect. */
  readonly raw?: string
  readonly origin?: string
  /** The stop sequence that was met. */
  readonly sequence?: string
  /** Details of a refusal or block, as the dialect in `origin` wrote them. */
  readonly details?: JsonValue
}
