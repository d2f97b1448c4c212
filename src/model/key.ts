/** What a client's key may do. The secret itself is nowhere: stores keep a keyed hash of it. */
import type { NanoUsd } from './money.ts'

export type LimitPeriod = 'second' | 'minute' | 'hour' | 'day'

/** `count` per period, refilled continuously. */
export interface RateLimit {
  readonly count: number
  readonly per: LimitPeriod
}

export type BudgetPeriod = 'day' | 'month' | 'total'

/** What it may upload, where that is not what everybody may. */
export interface FileLimits {
  /** Bytes of one file. */
  readonly maxFileSize?: number
  readonly maxFiles?: number
  /** Bytes of all files together. */
  readonly maxBytes?: number
  readonly purposes?: readonly string[]
}

export interface KeyPolicy {
  /** Names or globs of models, aliases and routers; `*` is all. */
  readonly models: readonly string[]
  readonly requests?: readonly RateLimit[]
  readonly tokens?: readonly RateLimit[]
  readonly budgets?: readonly { readonly usd: NanoUsd; readonly per: BudgetPeriod }[]
  readonly files?: FileLimits
  /** What routers may choose by: `tier: gold`. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Areas or regions that its requests may be processed in. */
  readonly residency?: readonly string[]
  /** May ask the gateway about itself and change how it stands: health, circuits, routes. */
  readonly admin?: boolean
  /** May bring routers of its own in its requests. */
  readonly inlineRouters?: boolean
  /** What becomes of things that a target cannot express; comes before what the route or the gateway say. */
  readonly onUnsupported?: 'drop' | 'warn' | 'refuse'
}

export interface Key {
  readonly id: string
  readonly name: string
  readonly policy: KeyPolicy
  /** Unix milliseconds. */
  readonly createdAt: number
  readonly expiresAt?: number
  readonly revokedAt?: number
}
