/**
 * One provider serving one model, compiled from the configuration: everything an attempt needs, looked up beforehand, so that the
 * request path resolves nothing by scanning.
 */
import type { Fault, Redact } from '../model/fault.ts'
import type { ExchangeOperation } from '../model/operation.ts'
import type { Place } from '../model/place.ts'
import type { PriceSheet } from '../model/price.ts'
import type { TaskClass } from '../model/task-class.ts'
import type { LimitTold } from './codec/rate-limit-reset.ts'
import type { Dialect } from './dialect.ts'
import type { AskedFor } from './provider.ts'
import type { Circuit, DeploymentSignals, RetryAllowance } from './signals.ts'
import type { Slots } from './slots.ts'
import type { Outbound, Transport, TransportHandler } from './transport.ts'
import type { Spelling } from './spelling.ts'
import type { Traits } from './traits.ts'

/** A dialect of whatever operation, for code that only moves its values from one side to the other. */
export type AnyDialect = Dialect<unknown, unknown, unknown>

export interface Endpoint {
  readonly dialect: AnyDialect
  /** Scheme, host and port. */
  readonly origin: string
  path(model: string, stream: boolean, asked?: AskedFor): string
  /** Where it compacts conversations, if it does: https://developers.openai.com/api/reference/resources/responses/methods/compact */
  readonly compactPath?: string
  /** The service takes no money for it. */
  readonly free?: boolean
  /** The most inputs that one call may ask vectors for, or have judged. */
  readonly maxInputs?: number
  /** Of the dialect, the provider and the configuration together. */
  readonly traits: Traits
  readonly spelling?: Spelling
  /** Top-level members that differ from what the dialect writes: JSON text, or undefined for those to leave out. */
  edits?(asked: AskedFor): Readonly<Record<string, string | undefined>>
  /** Takes off what the service wraps its answers in. */
  receive?(handler: TransportHandler, stream: boolean): TransportHandler
  /** Of the provider and the configuration alone: what holds for this service although its protocol has words for more. */
  readonly particular: Traits
}

/** How it stands with a credential and a model, as all requests together have found it. */
export interface CredentialStanding {
  /** Milliseconds that it should be left alone for: it was refused, or has used up what it may use. 0 when it may be called. */
  restMs(): number
  /** It was used, and there was an answer. */
  answered(): void
  /** It was used, and this came of it. */
  failed(fault: Fault): void
  readonly limits?: LimitsLeft
}

/** What is left of the provider's own limits, as its answers tell. */
export interface LimitsLeft {
  /** Whether anything has been told. */
  readonly known: boolean
  tell(limits: readonly LimitTold[]): void
  /** A request of so many tokens was sent. */
  took(tokens: number): void
  hasRoomFor(tokens: number): boolean
}

/** All in milliseconds. */
export interface AttemptTimeouts {
  /** From sending the request to the head of the answer. */
  readonly firstByte: number
  /** Between two chunks of an answer. */
  readonly stall: number
}

export interface Deployment {
  /** `provider/model`, with the provider's name in this configuration. */
  readonly id: string
  readonly provider: string
  /** The provider's own name of the model. */
  readonly model: string
  /** Where its requests are processed, as far as it is known. */
  readonly place?: Place
  readonly endpoints: ReadonlyMap<ExchangeOperation, readonly Endpoint[]>
  /** Set where it serves this operation alone, in place of what its endpoints have. */
  readonly standIn?: StandIn
  readonly transport: Transport
  /** Headers from the configuration, sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  /** Which of the provider's credentials it uses, counted from 1, where there are several. */
  readonly credential?: number
  readonly standing: CredentialStanding
  /** How it does, whatever its credential. */
  readonly signals: DeploymentSignals
  /** Of it with this credential. */
  readonly circuit: Circuit
  /** How good it is for a kind of work, 0 to 100; undefined where nothing is known of it. */
  quality?(task: TaskClass): number | undefined
  /** Where so many requests at once are the most. */
  readonly slots?: Slots
  /** Of its provider. */
  readonly retries: RetryAllowance
  /** Top-level members of the body as this deployment is sent it, where a router says so: JSON text, or undefined for those to leave out. */
  readonly overrides?: Readonly<Record<string, string | undefined>>
  /** Whoever signs or carries its requests has to have the whole body. */
  readonly wholeBody?: boolean
  /** Adds one of the provider's credentials. */
  sign(outbound: Outbound): Outbound | Promise<Outbound>
  /** The provider refused the credential: what was fetched and kept to sign with may have been revoked. */
  refused?(): void
  /** The text without the credential: some providers repeat it in their refusals. */
  readonly redact: Redact
  /** Undefined when no price is known. Some prices hold from a date on, or by the hour. */
  priceAt(at: number): PriceSheet | undefined
  /** The most tokens of an answer: what requests without a limit are taken to ask for, and others are cut to. */
  readonly maxOutput?: number
  /** The same as far as it is merely known of the model: money is held for it, and nothing is sent because of it. */
  knownMaxOutput(): number | undefined
  /** Tokens of request and answer together, as far as it is known. */
  knownContext?(): number | undefined
  readonly timeouts: AttemptTimeouts
  /** Whether to ask for usage in streams that the client did not ask it for; `metered`: when a budget or quota depends on it. */
  readonly streamUsage: 'always' | 'metered' | 'never'
}

/** How a deployment serves an operation that its model does not have: by asking the model for something else. */
export interface StandIn {
  readonly operation: 'rerank' | 'moderate'
  readonly by: 'embeddings' | 'judge' | 'llama-guard'
  /** Who is asked. */
  readonly deployment: Deployment
  /** The most documents that one call judges. */
  readonly batch: number
}

/** Whether it can be asked for that, itself or by a stand-in. */
export const servesOperation = ({ endpoints, standIn }: Deployment, operation: ExchangeOperation): boolean =>
  standIn === undefined ? endpoints.has(operation) : standIn.operation === operation
