/**
 * What every node of the canonical model may carry besides its own fields, so that nothing a dialect said is lost: members the
 * codec did not model, and notes on how it was spelled. Both are keyed by dialect id and re-emitted by that dialect alone.
 */
import type { JsonObject } from './json.ts'

/** Dialect id → members, verbatim. */
export type PerDialect = Readonly<Record<string, JsonObject>>

export interface Node {
  /** Members the codec does not model. Another dialect's encoder reports them as lost. */
  readonly extra?: PerDialect
  /** How the dialect spelled what is modelled (a string where a list would do, an older field name). Never reported as lost. */
  readonly form?: PerDialect
}
