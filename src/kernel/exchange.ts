/**
 * One client request on its way through the gate, with everything decided about it. Stages fill it in; the settling stage makes
 * the record of it. Mutable by design, and owned by one request.
 */
import type { ByteRope } from '../bytes/byte-rope.ts'
import type { CheckTier } from '../model/check-tier.ts'
import type { NanoUsd } from '../model/money.ts'
import type { AttemptRecord, ExchangeRecord, MirrorComparison } from '../model/record.ts'
import type { Key } from '../model/key.ts'
import type { Loss } from '../model/loss.ts'
import type { ExchangeOperation } from '../model/operation.ts'
import type { Coordinates, Residency } from '../model/place.ts'
import type { PieceAnswer } from '../model/pieces.ts'
import type { Usage } from '../model/usage.ts'
import { Body } from './body.ts'
import type { AnyDialect, Deployment } from './deployment.ts'
import type { Decision, Route } from './route.ts'
import type { RequestAddress, RequestHead } from './dialect.ts'
import type { Passage } from './passage.ts'
import type { Plan } from './plan.ts'
import type { ReceivedForm, Upload } from './upload.ts'

export interface Surface {
  /** Method and path, as metrics and records show it: `POST /v1/messages`; `PASS GET` where the path is a provider's. */
  readonly id: string
  readonly operation: ExchangeOperation
  readonly dialect: AnyDialect
}

/** What a provider that keeps the conversation itself is sent in place of the body, which has all of it. */
export interface NativeContinuation {
  readonly provider: string
  /** Tried before others. */
  readonly deployment: string
  readonly body: Body<unknown>
}

export interface ExchangeInit {
  readonly id: string
  readonly requestId: string
  readonly surface: Surface
  readonly plan: Plan
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Unix milliseconds. */
  readonly at: number
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** Reads the whole body; throws a Fault when it is too large, late or broken off. */
  readonly receive: () => Uint8Array | ByteRope | Promise<Uint8Array | ByteRope | ReceivedForm>
  /** What the URL says of the request, where the protocol puts it there. */
  readonly address?: RequestAddress
  /** The key that came in the URL rather than in a header. */
  readonly urlKey?: string
  /** Where its client is, by its address. */
  readonly locate?: () => Coordinates | undefined
  /** Set when it is for a provider's own path. */
  readonly passage?: Passage
}

/** Set where it was made to see what another target answers to a client's request. */
export interface Mirrored {
  /** The id of the client's exchange. */
  readonly of: string
  compare(record: ExchangeRecord): MirrorComparison
}

export interface UnfitAnswer {
  readonly deployment: Deployment
  readonly usage: Usage
}

/** The answer to a part of a request for vectors or verdicts. Until all are there it counts among the `unfit`: paid for, and not given to the client. */
export interface AnsweredPart {
  readonly response: PieceAnswer
  readonly paid: UnfitAnswer
}

/** A client may keep its request within less than its key has to, and within nothing else. */
export const residencyHeader = 'x-sluicegate-residency'

/** Stands for the body until it has been received. */
const noBody = new Body<unknown>(new Uint8Array(0), (json) => json)

export class Exchange {
  readonly id: string
  readonly requestId: string
  readonly surface: Surface
  readonly plan: Plan
  readonly headers: ExchangeInit['headers']
  readonly at: number
  readonly startedAt: number
  readonly receive: ExchangeInit['receive']
  readonly address: RequestAddress | undefined
  readonly urlKey: string | undefined
  readonly passage: Passage | undefined
  readonly locate: ExchangeInit['locate']

  body = noBody
  /** The files that came with it. */
  uploads: readonly Upload[] = []
  /** Set where a provider has earlier turns of this conversation in its own memory. */
  native: NativeContinuation | undefined
  head: RequestHead = { model: '', stream: false }
  key: Key | undefined
  route: Route | undefined
  /** Set where it had to be decided before money could be held. */
  decision: Decision | undefined
  /** The latest decision's, where its route leads to a deployment in several ways. */
  #ways: ReadonlyMap<Deployment, string> | undefined
  /** Monotonic time when the body was there: the gateway's own time counts from here. */
  receivedAt = 0
  /** Milliseconds spent waiting for providers, or between retries. */
  waited = 0
  /** Of these, those in which it waited for room at a target. */
  queued = 0
  attempts: AttemptRecord[] = []
  /** Answers that were paid for and not given to the client: they were not what it had asked for. */
  readonly unfit: UnfitAnswer[] = []
  /** What had been consumed of an answer that nobody had been given any of when the client left. */
  leftBehind: Usage | undefined
  /** Of a request that is sent in parts: the answers so far, by deployment. */
  readonly parts = new Map<string, AnsweredPart[]>()
  /** The deployment whose answer the client gets. */
  deployment: Deployment | undefined
  lost: Loss[] = []
  /** What the answer says of the key's limits; header names in lower case. */
  limitHeaders: Readonly<Record<string, string>> | undefined
  /** Tokens of the input, once they have been estimated. */
  inputEstimate: number | undefined
  /** Milliseconds of the gateway's own work up to the answer's head. */
  overhead = 0
  /** Monotonic time when the answer's head was ready. */
  answeredAt: number | undefined
  /** Once settled: what was consumed and its cost in nano-USD, where known. */
  usage: Usage | undefined
  cost: NanoUsd | undefined
  unpriced = false
  /** Of what is passed through: bytes of the request's body and of the answer's, so far. */
  passed: { received: number; sent: number } | undefined
  /** What the provider's safety checks did, in one line; once the answer is complete. */
  safety: string | undefined
  /** The record has been made. */
  recorded = false
  /** Called with the record when the exchange is settled: whoever holds something for it gives it back here. */
  readonly settlements: ((record: ExchangeRecord) => void)[] = []

  /** Goes on without its client. */
  detached = false
  /** Money that is held for it, where its key has a budget. */
  hold: { readonly amount: NanoUsd; settle(actual: NanoUsd): void } | undefined
  /** It began something that is accounted for when that is over: what is held stays held, and it costs nothing itself. */
  billedLater = false
  /** Milliseconds that it may take in all, where that is not what the plan says. */
  totalTimeout: number | undefined
  /** Rounds of retries, where that is not what the plan says. */
  rounds: number | undefined
  mirror: Mirrored | undefined
  /** Set where the gateway made it to see whether a deployment works. */
  check: Exclude<CheckTier, 'quick'> | undefined

  /** Undefined until it is asked for; null for none. */
  #residency: Residency | null | undefined
  #gone = false
  #whenGone: (() => void) | undefined
  #leaving: AbortController | undefined

  constructor(init: ExchangeInit) {
    this.id = init.id
    this.requestId = init.requestId
    this.surface = init.surface
    this.plan = init.plan
    this.headers = init.headers
    this.at = init.at
    this.startedAt = init.startedAt
    this.receive = init.receive
    this.address = init.address
    this.urlKey = init.urlKey
    this.passage = init.passage
    this.locate = init.locate
  }

  /** Which way leads to each of the deployments that were decided for. */
  went(ways: ReadonlyMap<Deployment, string>): void {
    this.#ways = this.#ways === undefined ? ways : new Map([...this.#ways, ...ways])
  }

  /** The routers on the way to a deployment: `main:weighted > openai/gpt-4o`; undefined where there is none. */
  wayTo(deployment: Deployment): string | undefined {
    return this.#ways?.get(deployment) ?? this.route?.pathOf(deployment)
  }

  /** What is asked beside another is reached in its ways. */
  goWaysOf(original: Exchange): void {
    this.#ways = original.#ways
  }

  /** The operation that records show. */
  get recordedAs(): ExchangeOperation {
    return this.passage === undefined ? this.surface.operation : 'pass'
  }

  /** The policies that everything done for it keeps: of the configuration, its key, its own header and its router. */
  get residency(): Residency | undefined {
    this.#residency ??= this.#ownResidency() ?? null
    const routed = this.route?.residency
    if (routed === undefined) return this.#residency ?? undefined
    return [...(this.#residency ?? []), ...routed]
  }

  /** What is asked on the way is asked under the same policies. */
  keepResidencyOf({ residency = [] }: Exchange): void {
    this.#residency = residency.length > 0 ? residency : null
  }

  #ownResidency(): Residency | undefined {
    const asked = this.header(residencyHeader)
    const own = this.key?.policy.residency
    const { residency } = this.plan
    if (asked === undefined && own === undefined) return residency
    return [
      ...(residency ?? []),
      ...(own === undefined ? [] : [own]),
      ...(asked === undefined ? [] : [asked.split(',').map((name) => name.trim().toLowerCase())]),
    ]
  }

  /** The client closed its connection. */
  get gone(): boolean {
    return this.#gone
  }

  /** Called by the server when the client's connection closes before its answer was complete. */
  abandon(): void {
    if (!this.detached) this.cancel()
  }

  /** Ends it, whoever waits for it. */
  cancel(): void {
    if (this.#gone) return
    this.#gone = true
    this.#whenGone?.()
    this.#leaving?.abort()
  }

  /** Whoever works for this exchange at the moment hears of the client's going here; `undefined` stops listening. */
  whenGone(callback: (() => void) | undefined): void {
    this.#whenGone = callback
    if (this.#gone) callback?.()
  }

  /** Aborts when the client goes, for work that is cancelled by a signal. */
  get signal(): AbortSignal {
    this.#leaving ??= new AbortController()
    if (this.#gone) this.#leaving.abort()
    return this.#leaving.signal
  }

  header(name: string): string | undefined {
    const value = this.headers[name]
    return Array.isArray(value) ? value[0] : value
  }
}
