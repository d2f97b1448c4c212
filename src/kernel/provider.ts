/**
 * The contract of a provider: an address, a signature and a list of offers. It is data plus a signer; the wire protocols are
 * dialects that it only names. Adding an OpenAI-compatible provider is one file that exports one such object.
 */
import type { ZodType } from 'zod'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { Operation } from '../model/operation.ts'
import type { AdviserCalls, FileCalls, FineTuneCalls } from './account-calls.ts'
import type { Clock, Random } from './clock.ts'
import type { Outbound, Transport, TransportHandler } from './transport.ts'
import type { Spelling } from './spelling.ts'
import type { Traits } from './traits.ts'

/** What every provider's configuration has; drivers extend it with their own fields. */
export interface ProviderConfig {
  readonly base_url?: string | undefined
}

export interface Offer {
  readonly operation: Operation
  /** Id of the dialect it speaks. */
  readonly dialect: string
  /** Where it is called, as `baseUrl`, where that is not the address of the others. */
  address?(config: ProviderConfig): string
  /** Path below the base URL, with its leading slash. `asked` comes with requests alone, for paths that tell more than the model. */
  path(model: string, stream: boolean, asked?: AskedFor): string
  /** Path of the compaction of conversations, where the service has that. */
  readonly compactPath?: string
  /** The service takes no money for it, whatever the model. */
  readonly free?: boolean
  /** The most inputs that one call may ask vectors for, or have judged; larger requests are sent in parts. */
  readonly maxInputs?: number | ((model: string) => number)
  /** What differs at this provider from what its dialect says of services in general. */
  traits?(model: string): Traits
  readonly spelling?: Spelling
  /** Whether the path stands in the documentation that `docs` lists. Untold means no. */
  readonly verified?: boolean
  /** Whether it is for this model; `protocol` is what the configuration says the model speaks. Default: for every model. */
  serves?(model: string, protocol: string | undefined): boolean
  /** Top-level members that the service wants otherwise than its dialect writes them: set to a value or (undefined) left out. */
  body?(asked: AskedFor): Readonly<Record<string, JsonValue | undefined>>
  /**
   * Takes off what the service wraps its answers in: the handler that hears them, for the one that is to hear what is inside. `stream`:
   * the answer was asked for as a stream.
   */
  receive?(handler: TransportHandler, stream: boolean): TransportHandler
}

/** A page of the service's documentation that its file was written from. */
export interface DocumentationPage {
  readonly title: string
  readonly url: string
  /** The day it was read, as `2026-11-27`. */
  readonly read: string
}

/** What a request is for, as far as its address and its surroundings depend on it. */
export interface AskedFor {
  readonly model: string
  readonly stream: boolean
  /** A header that goes along from the client, by its lower-case name. */
  header(name: string): string | undefined
  /** A top-level member of the body as it would be sent. */
  member(name: string): JsonValue | undefined
  /** Of this attempt alone, for services that want a name for what they keep of it. */
  readonly attemptId: string
}

/** Told at the field that has to change. */
export interface ProviderProblem {
  readonly field: string
  readonly message: string
  readonly hint?: string
}

export interface Quirks {
  /** The service tells usage in streams only when asked (`stream_options.include_usage`) and is known to accept the question. */
  readonly streamUsageOnRequest?: boolean
}

export interface ModelLimits {
  /** The most tokens one answer can have. */
  readonly maxOutput?: number
}

export interface TransportContext {
  readonly clock: Clock
  readonly random: Random
  /** The network, for services of which one answer takes several calls. It is not the transport's own to close. */
  readonly network: Transport
}

/** What a signer with a state of its own works with. */
export interface SignerContext {
  readonly clock: Clock
  /** The network, to reach those who issue tokens. */
  readonly transport: Transport
}

/** Signs the requests of one configured provider, and keeps what it needs for that from one to the next. */
export interface Signer {
  sign(outbound: Outbound, credential: string | undefined): Outbound | Promise<Outbound>
  /** The signature covers the body, which therefore has to be in memory. */
  readonly wholeBody?: boolean
  /** The provider refused a signed request: what was kept may have been revoked. */
  refused?(): void
  /** The text without anything secret that it signs with. */
  redact?(text: string): string
}

export interface Provider<C extends ProviderConfig = ProviderConfig> {
  readonly id: string
  /** For people: `OpenAI`. */
  readonly title: string
  /** Names of services that it took the place of; configurations that still name them are warned. */
  readonly formerly?: readonly string[]
  /** Fields of its own beside those that every provider has. */
  readonly config: ZodType<C>
  /** Environment variables that usually hold its key; the provider is on by itself when one of them is set. */
  readonly env: readonly string[]
  /**
   * Not on by itself although one of the variables is set: they are set for other purposes as well, or it has no address that is
   * everyone's. Beside a configuration they hold its default key as ever.
   */
  readonly optIn?: boolean
  /** The pages that its facts were taken from. */
  readonly docs?: readonly DocumentationPage[]
  /** How its keys begin, where nobody else's begin so. */
  readonly keyPrefixes?: readonly string[]
  /** Where its users get a key. */
  readonly keyUrl?: string
  /** Addresses by the names of the regions that its configuration can choose from; the first is the default. */
  readonly regions?: Readonly<Record<string, string>>
  readonly offers: readonly Offer[]
  /** What it offers under this configuration, where that is not always the same; each of a dialect that stands in `offers` too. */
  offersOf?(config: C): readonly Offer[]
  /** Whether it can be called without a credential (local servers, the simulator). */
  readonly keyless?: boolean
  /** Whether this configuration needs a credential, for services that also take keys in fields of their own. Default: unless keyless. */
  needsCredential?(config: C): boolean
  /**
   * Environment variables that usually hold its own fields, by field. Each group is looked up together where the configuration sets
   * none of its fields, and as the key is only for the provider's own address.
   */
  readonly fieldEnv?: readonly Readonly<Record<string, readonly string[]>>[]
  /**
   * Where requests for a model are processed under this configuration; undefined where that is anywhere, or not known. Without it, its
   * field `region` or `location` tells.
   */
  regionOf?(config: C, model: string): string | undefined
  /** Base URL without a trailing slash. */
  baseUrl(config: C): string
  /** Adds what authenticates the request. */
  sign(outbound: Outbound, config: C, credential: string | undefined): Outbound | Promise<Outbound>
  /**
   * For identities whose tokens are fetched and kept: a signer that does so, in place of `sign`, for requests without a credential.
   * Undefined where this configuration has no such identity. Opening calls nobody.
   */
  open?(config: C, context: SignerContext): Signer | undefined
  /** What is wrong with this configuration beyond its shape, such as a file that cannot be read. Calls nobody. */
  problems?(config: C): readonly ProviderProblem[]
  readonly quirks?: Quirks
  limits?(model: string): ModelLimits
  /** Whether it costs nothing, whatever is asked of it: that of some is a question of where they are. */
  free?(config: C): boolean
  /** Its id in the price data. */
  readonly prices?: string
  /** Path below the base URL that lists its models, as `{ data: [{ id }] }` unless `modelNames` reads another shape. A bare list counts as `data`. */
  readonly modelsPath?: string
  /** The names in the answer from `modelsPath`; undefined for an answer that is no such list. */
  readonly modelNames?: (answer: JsonObject) => readonly string[] | undefined
  /** Names of the models it has for certain, without asking. */
  readonly models?: readonly string[]
  /** Its models are called as its users have called their deployments, so no name can be taken for another way to write one. */
  readonly deploymentNames?: boolean
  /** How it keeps files for an account, where it does under this configuration. */
  files?(config: C): FileCalls | undefined
  /** How it tells which model a request is for, where it is asked for nothing else. */
  adviser?(config: C): AdviserCalls | undefined
  /** How it tunes models. */
  fineTuning?(config: C): FineTuneCalls | undefined
  /** Its own way to be reached: not by the network, or by more than one call of it for an answer. */
  transport?(config: C, context: TransportContext): Transport
}

/** Lets a file say `defineProvider({…})` and have its config type inferred. */
export function defineProvider<C extends ProviderConfig>(provider: Provider<C>): Provider<C> {
  return provider
}
