/**
 * The contract of a routing strategy: compiled once for each router of a plan, it orders the router's targets for each request. Orders
 * are pure: chance, time and what is known of deployments are handed in.
 */
import type { ZodType } from 'zod'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { NanoUsd } from '../model/money.ts'
import type { ExchangeOperation } from '../model/operation.ts'
import type { Coordinates } from '../model/place.ts'
import type { ExchangeRecord } from '../model/record.ts'
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
  /** Hears which way through routers leads to each of what was decided, where there are several to one of them. */
  went?(ways: ReadonlyMap<Deployment, string>): void
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
  /** All of them but those that carry secrets; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
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
  /** The client's region, as its header says. */
  readonly region: string | undefined
  /** What an answer of it would probably cost, in nano-USD; undefined where a price is not known. */
  expectedCost(deployment: Deployment): NanoUsd | undefined
  /** Whether the request may be processed there. */
  admits(deployment: Deployment): boolean
  /** Where the client is, as far as it is known: what is near comes first at routers that go by it. */
  readonly coordinates: Coordinates | undefined
  /** Whether the client's key names this deployment or model among those that it may use. */
  mayUse(name: string): boolean
  /** Calls back with the record, once the request is over; never where the route is only explained. */
  whenSettled(callback: (record: ExchangeRecord) => void): void
  /** Undefined where nobody may be asked, because the route is only explained. */
  readonly advice: Advice | undefined
}

/**
 * Questions that a strategy asks of models before it decides. They are attempts of the client's request: paid for by its key, under the
 * limits of the targets that are asked. Rejects with a Fault where there is no answer in time.
 */
export interface Advice {
  /** One vector for each text. `model` is any name that leads to a model with vectors; `withinMs` how long the answer may take. */
  embed(model: string, texts: readonly string[], withinMs: number): Promise<readonly (readonly number[])[]>
  /** Which of the candidates, by the names that a service for that has for them, a text is for. `provider` is the service's name in the configuration. */
  select(question: SelectQuestion): Promise<string>
  /** What a chat model says to instructions and a text: a value that is to fit the schema, and perhaps does not. */
  json(question: AdviceQuestion): Promise<unknown>
}

export interface SelectQuestion {
  readonly provider: string
  readonly text: string
  readonly candidates: readonly string[]
  readonly tradeoff?: 'cost' | 'latency' | undefined
  readonly withinMs: number
}

export interface AdviceQuestion {
  /** Any name that leads to a chat model. */
  readonly model: string
  readonly instructions: string
  readonly text: string
  /** Of the schema: letters and underscores. */
  readonly name: string
  readonly schema: JsonObject
  readonly withinMs: number
}

/** A model that a strategy may ask before it decides: money is held for it, too. */
export interface Adviser {
  readonly model: string
  readonly operation: 'embed' | 'chat'
  /** Tokens that it is asked beside the client's words, and those that it may write. */
  readonly input: number
  readonly output: number
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
  readonly hedge?: Hedge
}

/** Further targets are asked while the first has not begun to answer; who is first to answer well is heard. */
export interface Hedge {
  /** Milliseconds without an answer after which the next target is asked as well; 0 for all at once. */
  readonly after: number
  /** Targets that may be asked beside the first. */
  readonly most: number
  /** Of the router's requests, the share that may be hedged; 1 for all. */
  readonly share: number
}

/** Ends with a promise only where something has to be asked or loaded first. */
export type Order<T> = (
  query: StrategyQuery,
  context: StrategyContext,
) => readonly T[] | Ordered<T> | Promise<readonly T[] | Ordered<T>>

/** Something that people want to hear of. */
export type StrategyEvent =
  /** It could not decide, and took what it is configured to take then. */
  | { readonly kind: 'stumbled'; readonly reason: string; readonly message: string }
  | {
      readonly kind: 'canary'
      readonly target: string
      readonly state: 'ramping' | 'promoted' | 'rolled_back'
      readonly why: string
    }

/** How a canary stands, as far as people may want to see it. Members are as the API shows them. */
export interface RouterReport {
  readonly target: string
  readonly state: 'waiting' | 'ramping' | 'promoted' | 'rolled_back'
  /** Of the requests, 0 to 1. */
  readonly share: number
  readonly why: string
  readonly since: string | null
  readonly baseline: SideReport
  readonly canary: SideReport
}

export interface SideReport {
  readonly requests: number
  readonly failures: number
  readonly latency_p50_ms: number | null
}

/** What is kept of a router may tell how it stands. */
export interface Reporting {
  report(now: number): RouterReport
}

/** Where a strategy is compiled to: one router of the configuration. */
export interface StrategyPlace {
  /** `main`; `main/2` for the router that stands at the second target of `main`. */
  readonly router: string
  /** What is remembered of this router: the same for every plan, as long as its settings stay as they are. */
  keep<S>(create: () => S): S
  /** What was remembered of this router under these settings, also by a gateway that has stopped since. */
  recall(): JsonObject | undefined
  remember(state: JsonObject): void
  tell(event: StrategyEvent): void
}

/** The ids of a router's targets: their names, and `name#2` for a second of the same name. */
export function targetIds(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const again = (seen.get(name) ?? 0) + 1
    seen.set(name, again)
    return again === 1 ? name : `${name}#${again}`
  })
}

/** For what is compiled only to see whether it can be, and for tests. */
export const noPlace: StrategyPlace = {
  router: '',
  keep: (create) => create(),
  recall: () => undefined,
  remember() {},
  tell() {},
}

export interface Strategy<C = unknown, O = unknown> {
  readonly id: string
  /** What others call it. */
  readonly alsoCalled?: readonly string[]
  /** For the documentation: one sentence. */
  readonly about: string
  /** Only the configuration may use it, no request. */
  readonly configuredOnly?: true
  /** Options that are paths of files: they are relative to the configuration file. */
  readonly files?: readonly string[]
  /** Of the router, beside its targets. */
  readonly options: ZodType<O>
  /** Of one target. */
  readonly targetOptions: ZodType<C>
  /** Whether a target is asked for comparison alone: then the router does not lead to it. None is where it says nothing. */
  isShadow?(options: C): boolean
  /** Loads what compiling needs, the first time that a configuration uses it. */
  prepare?(): Promise<void>
  /** Whom it asks before it decides. */
  advisers?(targets: readonly { readonly options: C }[], options: O): readonly Adviser[]
  /** How many of its targets may be at work on one request at the same time; money is held for all of them. 1 where it says nothing. */
  atOnce?(options: O): number
  /** Throws a `StrategyProblem` for what no schema can see. */
  compile<T extends StrategyTarget<C>>(targets: readonly T[], options: O, place: StrategyPlace): Order<T>
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
