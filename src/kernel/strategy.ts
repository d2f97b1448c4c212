/**
 * The contract of a routing strategy: compiled once for each router of a plan, it orders the router's targets for each request. Orders
 * are pure: chance, time and what is known of deployments are handed in.
 */
import type { ZodType } from 'zod'
import type { JsonValue } from '../model/json.ts'
import type { NanoUsd } from '../model/money.ts'
import type { ExchangeOperation } from '../model/operation.ts'
import type { Random } from './clock.ts'
import type { Deployment } from './deployment.ts'

export interface StrategyTarget<C = unknown> {
  /** As the configuration names it; never twice in one router. */
  readonly id: string
  /** What the router's configuration says of this target. */
  readonly options: C
  /** Every deployment that it can lead to, each once, whatever its credentials. */
  readonly leaves: readonly Deployment[]
}

/** What a request asks for, each thing found out when it is first asked for. */
export interface StrategyQuery {
  readonly operation: ExchangeOperation
  /** Method and path of the surface. */
  readonly surface: string
  readonly model: string
  readonly stream: boolean
  readonly key: StrategyKey | undefined
  readonly endUser: string | undefined
  /** Tokens that the answer may have, where the client says so. */
  readonly maxOutput: number | undefined
  header(name: string): string | undefined
  /** What the client says of its request, in its body's `metadata` and in the header `x-sluicegate-metadata`. */
  readonly metadata: Readonly<Record<string, string>>
  /** Tokens, by estimate. */
  readonly inputTokens: number
  readonly features: ContentFeatures
  /** The words of the latest message of the user, or of whatever else is asked. */
  readonly text: string
  /** How its conversation begins: what a provider's prompt cache goes by. */
  readonly prefix: string
  /** The body as the client wrote it; undefined where it is no JSON object. */
  readonly body: Readonly<Record<string, JsonValue>> | undefined
  /** The client's region: as its header says, or as its address is known to be. */
  readonly region: string | undefined
  /** What an answer of it would probably cost, in nano-USD; undefined where a price is not known. */
  expectedCost(deployment: Deployment): NanoUsd | undefined
}

export interface StrategyKey {
  readonly id: string
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
}

export const contentFeatures = ['tools', 'images', 'audio', 'files', 'structured_output', 'reasoning'] as const
/** What there is in a request. */
export type ContentFeatures = Readonly<Record<(typeof contentFeatures)[number], boolean>> & {
  readonly messages: number
}

/** Why a target stands where it stands, for people who ask. */
export interface Verdict {
  /** What targets were compared by, and its unit. */
  readonly score?: number
  readonly unit?: string
  /** Set where the target was left out. */
  readonly skipped?: string
  readonly note?: string
}

export interface StrategyContext {
  readonly random: Random
  /** Unix milliseconds. */
  readonly now: number
  /** How many requests this router has ordered before. */
  readonly turn: number
  /** Set where somebody asks for reasons: then nothing is called. */
  readonly explain?: (target: StrategyTarget, verdict: Verdict) => void
}

/** The targets to try, best first, and what else is to be done with them. */
export interface Ordered<T> {
  readonly targets: readonly T[]
  /** Asked beside the answer, for comparison alone. */
  readonly mirrors?: readonly T[]
  /** Milliseconds without an answer after which the next target is asked as well; 0 for both at once. */
  readonly hedgeAfter?: number
}

/** Ends with a promise only where something has to be asked or loaded first. */
export type Order<T> = (
  query: StrategyQuery,
  context: StrategyContext,
) => readonly T[] | Ordered<T> | Promise<readonly T[] | Ordered<T>>

export interface Strategy<C = unknown, O = unknown> {
  readonly id: string
  /** What others call it. */
  readonly alsoCalled?: readonly string[]
  /** For the documentation: one sentence. */
  readonly about: string
  /** Only the configuration may use it, no request. */
  readonly configuredOnly?: true
  /** Of the router, beside its targets. */
  readonly options: ZodType<O>
  /** Of one target. */
  readonly targetOptions: ZodType<C>
  /** Throws a `StrategyProblem` for what no schema can see. */
  compile<T extends StrategyTarget<C>>(targets: readonly T[], options: O): Order<T>
}

/** What is wrong with a router's configuration. */
export class StrategyProblem extends Error {
  override readonly name = 'StrategyProblem'
  /** Where, below the router: `['targets', 1, 'weight']`. */
  readonly path: readonly (string | number)[]

  constructor(message: string, path: readonly (string | number)[] = []) {
    super(message)
    this.path = path
  }
}
