/** What a conformance kit does not ask of a protocol that has no place for it. */

/** What a protocol has no place for at all: the laws then ask that it be reported. Everything else must survive. */
export interface Incapable {
  /** Calls of tools, their results, and tools themselves. */
  readonly tools?: true
  /** A name of the model in answers. */
  readonly answerModel?: true
  /** Usage: `counts` has tokens read and written and nothing more of it, `none` not even those. */
  readonly usage?: 'counts' | 'none'
}
