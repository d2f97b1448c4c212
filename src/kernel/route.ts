/** What a model name leads to: deployments, and what is decided about them for each request. */
import type { Deployment } from './deployment.ts'
import type { Residency } from '../model/place.ts'
import type { Adviser, Hedge, StrategyContext, StrategyQuery } from './strategy.ts'

/** What becomes of things that the target cannot express: left out without a word, left out and told, or the request refused. */
export type OnUnsupported = 'drop' | 'warn' | 'refuse'

export interface TranslationPolicy {
  readonly onUnsupported?: OnUnsupported
  /** Whether the gateway marks prompts for the provider's cache where the client does not. */
  readonly promptCaching?: 'auto' | 'off'
}

/** Refusals for which others than the usual targets are asked. */
export const fallbackReasons = ['context_window', 'content_policy'] as const
export type FallbackReason = (typeof fallbackReasons)[number]

export interface AnswerPolicy {
  /** Tokens of a stream that have to be there before the client is given it. */
  readonly commit?: number
  /** Names. */
  readonly fallbacks: Readonly<Partial<Record<FallbackReason, readonly string[]>>>
}

/** What a route decides for one request. */
export interface Decision {
  /** The deployments to try, best first. */
  readonly targets: readonly Deployment[]
  /** Each asked beside the answer, for comparison alone: the deployments to try for it. */
  readonly mirrors?: readonly (readonly Deployment[])[]
  readonly hedge?: DecidedHedge
}

export interface DecidedHedge extends Omit<Hedge, 'share'> {
  /** What each target of its router leads to, in order: one of each is asked beside those of the others, whatever stands behind the router. */
  readonly lanes: readonly (readonly Deployment[])[]
  /** Asked when it comes to it: whether its router's allowance has one left, which is then taken. */
  allowed(): boolean
}

/** Reasons are given to `explain` with the path of routers that leads to a target. */
export type RouteExplain = (
  path: readonly string[],
  ...verdict: Parameters<NonNullable<StrategyContext['explain']>>
) => void

export interface RouteAdviser extends Omit<Adviser, 'model'> {
  readonly deployments: readonly Deployment[]
}

export interface Route {
  /** The name it was found under. */
  readonly name: string
  /** Every deployment that it can lead to. */
  readonly deployments: readonly Deployment[]
  /** It chooses among whatever the key may use, a few of many: a key may use it that may use any of them, and money is held for what is chosen. */
  readonly choosesFreely?: true
  /** Who may be asked before it is decided: money is held for them, too. */
  readonly advisers?: readonly RouteAdviser[]
  /** What requests under this name keep. */
  readonly residency?: Residency
  /** How many deployments may be at work on one request at the same time. */
  readonly atOnce: number
  /** What differs for requests under this name. */
  readonly translation?: TranslationPolicy
  readonly commit?: number
  /** Who is asked after such a refusal. */
  readonly fallbacks?: Readonly<Partial<Record<FallbackReason, (query: StrategyQuery) => Decision | Promise<Decision>>>>
  /** A promise only where something has to be asked or loaded first. */
  order(query: StrategyQuery, explain?: RouteExplain): Decision | Promise<Decision>
  /**
   * How one of its deployments is reached, `main:weighted > fast:latency > openai/gpt-4o`; undefined where no router is on the way. Where there are
   * several ways, one of them: which was gone the query is told (`went`).
   */
  pathOf(deployment: Deployment): string | undefined
}
