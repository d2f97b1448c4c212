/** The contract of a routing strategy: a pure function that orders a router's targets for one request. */
import type { ZodType } from 'zod'
import type { Random } from './clock.ts'

export interface StrategyTarget<C = unknown> {
  readonly id: string
  /** What the router's configuration says of this target. */
  readonly options: C
}

export interface StrategyQuery {
  readonly model: string
  readonly keyId: string | undefined
  readonly endUser: string | undefined
}

export interface StrategyContext {
  readonly random: Random
  /** Unix milliseconds. */
  readonly now: number
  /** How many requests this router has ordered before. */
  readonly turn: number
}

export interface Strategy<C = unknown> {
  readonly id: string
  /** For the documentation: one sentence. */
  readonly about: string
  /** Options of one target. */
  readonly targetOptions: ZodType<C>
  /** The targets to try, best first. */
  order<T extends StrategyTarget<C>>(targets: readonly T[], query: StrategyQuery, context: StrategyContext): Iterable<T>
}
