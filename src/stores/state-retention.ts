/** The port that forgets: what has expired, and the oldest of what is too much. */

export interface RetentionLimits {
  /** Unix milliseconds. */
  readonly now: number
  /** Conversations that were last used before this go too; undefined keeps them all. */
  readonly conversationsUsedBefore?: number
  readonly maxBytes: number
  /** The most rows of each kind that one call deletes, so that none takes long. */
  readonly limit: number
}

export interface StateRetention {
  /** How many were deleted; as many as `limit` or more means that there may be more. */
  sweep(limits: RetentionLimits): number
}
