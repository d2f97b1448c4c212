/** All resources compiled, immutable: what a request is handled with from beginning to end, even when a reload happens meanwhile. */
import type { Deployment } from './deployment.ts'
import type { Route, TranslationPolicy } from './route.ts'
import type { RetryBudget } from './signals.ts'
import type { JsonObject } from '../model/json.ts'
import type { Place, Residency } from '../model/place.ts'
import type { PassTarget } from './passage.ts'
import type { ProviderAccount } from './provider-account.ts'

export interface StructuredOutputPolicy {
  /** How often a model is asked again for an answer that fits the schema, for one request at one target. */
  readonly repairs: number
  /** Which answers the gateway checks itself: those that it had to stand in for, or all that were to fit a schema. */
  readonly validate: 'emulated' | 'always'
}

export interface RetryPolicy {
  /** How often the round of all targets is begun again after it has failed. */
  readonly rounds: number
  /** Milliseconds. The pause before round n is random below `baseDelay · 2^n`, and at most `maxDelay`. */
  readonly baseDelay: number
  readonly maxDelay: number
  /** Of each provider: how much of what comes to it may come again. */
  readonly budget: RetryBudget
}

export interface ListedModel {
  readonly id: string
  /** Who answers: a provider's name, or `sluicegate` for aliases and routers. */
  readonly ownedBy: string
}

export interface Unresolved {
  /** Names of deployments that it can mean, several or none. */
  readonly candidates: readonly string[]
  /** Whose model it is by its name: `OpenAI`. */
  readonly maker?: string
  /** The driver of its maker's own service. */
  readonly driver?: string
  /** How to ask the provider for it, which may have a model that is not known here. */
  readonly ask?: string
}

export interface InlineRoute {
  readonly route: Route
  /** The names that it leads to by itself. */
  readonly names: readonly string[]
}

export interface Plan {
  /** Counts up with every reload. */
  readonly revision: number
  readonly retries: RetryPolicy
  /** Milliseconds that a request may take in all. */
  readonly totalTimeout: number
  /** Bytes of a provider's answer that are held in memory. */
  readonly responseLimit: number
  /** Messages that one request may have. */
  readonly messageLimit: number
  /** Answers for comparison that are made at a time. */
  readonly mirrorLimit: number
  /** What holds where neither key nor route say otherwise. */
  readonly translation: Required<TranslationPolicy>
  /** Tokens of a stream that have to be there before the client is given it. */
  readonly commit: number
  /** Milliseconds without anything on a stream after which its client is told that it goes on. */
  readonly keepAlive?: number
  /** What all requests keep. */
  readonly residency?: Residency
  readonly structuredOutput: StructuredOutputPolicy
  /** Who moderates for clients that name no model. */
  readonly moderationModel: string
  /** The route of a model, alias, router or `provider/model` name. */
  resolve(name: string): Route | undefined
  /** The route of a router that a request brings, as JSON; throws a Fault that says what is wrong with it. */
  inline(router: JsonObject): InlineRoute
  /** For a name without a route: what it may mean, for the client to choose from. */
  unresolved(name: string): Unresolved
  /** Known names that look like it, nearest first. */
  nearest(name: string): string[]
  /** For the models endpoint. */
  list(): readonly ListedModel[]
  readonly deployments: readonly Deployment[]
  /** The provider of this name, where its own paths may be passed through. */
  passThrough(provider: string): PassTarget | undefined
  /** The accounts at the provider of this name that files can be kept with or models be tuned for, one for each credential. */
  accounts(provider: string): readonly ProviderAccount[]
  /** What is known of a region. */
  placeOf(region: string): Place
  /** Whether the configuration has a model, alias or router of this name. */
  isConfigured(name: string): boolean
  /** The provider's own model, whatever the configuration lists; undefined where there is no such provider. */
  unlisted(provider: string, model: string): Route | undefined
}
