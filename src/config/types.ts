/**
 * The configuration in its resolved form, the only one that the rest of the gateway sees: defaults filled in, names checked,
 * durations in milliseconds, sizes in bytes, money in nano-USD. How it is spelled in the file is the concern of this folder alone.
 */
import type { AwsIdentity } from '../kernel/identity/aws/fields.ts'
import type { StandIn } from '../kernel/deployment.ts'
import type { AnswerPolicy, TranslationPolicy } from '../kernel/route.ts'
import type { RetryBudget } from '../kernel/signals.ts'
import type { StructuredOutputPolicy } from '../kernel/plan.ts'
import type { Provider, ProviderConfig } from '../kernel/provider.ts'
import type { Strategy } from '../kernel/strategy.ts'
import type { Traits } from '../kernel/traits.ts'
import type { CheckTier } from '../model/check-tier.ts'
import type { JsonValue } from '../model/json.ts'
import type { KeyPolicy } from '../model/key.ts'
import type { NanoUsd } from '../model/money.ts'
import type { DeclaredRegions } from '../model/place.ts'
import type { PriceSheet } from '../model/price.ts'
import type { TaskClass } from '../model/task-class.ts'
import type { VirtualModel } from '../model/virtual-model.ts'

/** The drivers whose own fields the configuration may hold. The generated list of built-ins satisfies it. */
export interface DriverRegistry {
  readonly providers: readonly Provider[]
  readonly strategies: readonly Strategy[]
}

export interface ServerSettings {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Bytes of one request body. */
  readonly bodyLimit: number
  /** Bytes of one request with a file. */
  readonly uploadLimit: number
  /** Free bytes of the disk that uploads leave to others. */
  readonly uploadReserve: number
  /** Bytes of all request headers together. */
  readonly headerLimit: number
  /** Milliseconds for a whole request, body included, to arrive. */
  readonly requestTimeout: number
  /** Networks whose `x-forwarded-for` is believed. */
  readonly trustedProxies: readonly string[]
  readonly maxConnections: number
  /** Requests handled at the same time. */
  readonly maxInFlight: number
  /** Milliseconds that running requests get to finish when the gateway shuts down. */
  readonly drainTimeout: number
}

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number
  /** From sending a request to the first byte of the answer. */
  readonly firstByte: number
  /** Between two chunks of an answer. */
  readonly stall: number
  /** Of a whole exchange, every attempt included. */
  readonly total: number
}

export interface Retries {
  /** How often the list of targets is gone through again after all of them failed. */
  readonly rounds: number
  /** Milliseconds before the first such round; doubles with every further one. */
  readonly baseDelay: number
  readonly maxDelay: number
  readonly budget: RetryBudget
}

/** When a deployment that fails is left alone. Times in milliseconds. */
export interface CircuitSettings {
  readonly enabled: boolean
  /** So many failures in a row within `window` open a circuit. */
  readonly failures: number
  /** So does this share of failures, of at least `minRequests` calls in `window`. */
  readonly errorRatio: number
  readonly minRequests: number
  readonly window: number
  /** That it stays open; twice as long each time that it opens again, up to `maxRecovery`. */
  readonly recovery: number
  readonly maxRecovery: number
  /** So many good calls in a row close it. */
  readonly successes: number
  /** Calls at the same time while it is tried. */
  readonly probes: number
}

/** How deployments without traffic are checked. */
export interface CheckSettings {
  readonly enabled: boolean
  /** Patterns of `provider/model`. */
  readonly deployments: readonly string[]
  /** Milliseconds without an attempt after which a deployment is checked. */
  readonly idle: number
  /** Milliseconds between checks of a tier; 0 for never. */
  readonly intervals: Readonly<Record<CheckTier, number>>
  /** Of an interval, what it varies by to either side. */
  readonly jitter: number
  /** Milliseconds for one check. */
  readonly timeout: number
  /** Standard and deep checks in an hour. */
  readonly callsPerHour: number
  /** What they may cost in a day. */
  readonly costPerDay: NanoUsd
}

/** How much is under way at once. */
export interface ConcurrencySettings {
  readonly most: number | 'adaptive'
  /** Requests that may wait. */
  readonly queueSize: number
  /** Milliseconds. */
  readonly queueTimeout: number
}

/** Whether the gateway asks for usage in streams on its own account. `auto`: where the provider is known to accept the question. */
export type StreamUsage = 'auto' | 'always' | 'never'

export interface ProviderModel {
  /** The most tokens one answer can have. */
  readonly maxOutput?: number
  /** Tokens of request and answer together. */
  readonly contextWindow?: number
  readonly concurrency?: ConcurrencySettings
  readonly protocol?: string
  readonly supports?: Traits
  /** Where its requests are processed, where that differs from the provider's others. */
  readonly region?: string
}

export interface ProviderPrices {
  /** By the provider's own model name. */
  readonly models: ReadonlyMap<string, PriceSheet>
  /** For every model that is not in `models`. */
  readonly other?: PriceSheet
}

/** Of a provider whose own paths clients may use. */
export interface PassThroughSettings {
  /** Patterns of paths below the base URL, each perhaps with a method before it; all where none are given. */
  readonly paths?: readonly string[]
  /** What one request costs that has no other price; nano-USD. */
  readonly price?: { readonly request: NanoUsd }
}

export interface ProviderSettings {
  /** The name clients put before the slash: `openai` in `openai/gpt-4o`. */
  readonly name: string
  /** Id of its driver. */
  readonly use: string
  /** What the driver's own schema made of its fields, `base_url` among them. */
  readonly options: ProviderConfig
  /** Tried in turn when one is refused or limited; empty for keyless providers. */
  readonly credentials: readonly string[]
  /** By the provider's own model name, in the order of the file. Absent when nothing was listed, so any name may be asked for. */
  readonly models?: ReadonlyMap<string, ProviderModel>
  /** Where its requests are processed, where its driver does not know. */
  readonly region?: string
  /** Whether it is asked for its models, where it has a list of them and none is given here. `auto`: where nothing else tells them. */
  readonly discover: 'auto' | 'always' | 'never'
  /** Sent with every request to it; lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly streamUsage: StreamUsage
  /** Id of the dialect, among those the driver offers, that requests of other protocols are translated to. */
  readonly protocol?: string
  /** What its models can take, where that differs from what its dialect and driver say. */
  readonly supports: Traits
  /** `total` is of the whole exchange and cannot be set per provider. */
  readonly timeouts: Omit<Timeouts, 'total'>
  readonly circuit: CircuitSettings
  readonly concurrency?: ConcurrencySettings
  readonly prices: ProviderPrices
  /** Undefined where nothing passes through. */
  readonly passThrough?: PassThroughSettings
}

export interface DeploymentSettings {
  /** Name of a configured provider. */
  readonly provider: string
  /** The provider's own model name. */
  readonly model: string
  /** Comes before whatever the provider's `prices` say. */
  readonly prices?: PriceSheet
  readonly maxOutput?: number
  /** Tokens of request and answer together. */
  readonly contextWindow?: number
  readonly concurrency?: ConcurrencySettings
  readonly supports?: Traits
  readonly region?: string
}

/** An operation that is made of another one, asked of models that do not have it. */
export interface StandInSettings extends Pick<StandIn, 'operation' | 'by' | 'batch'> {
  /** Who is asked: a model, alias, router or `provider/model`. */
  readonly target: string
}

export interface ModelSettings {
  readonly name: string
  readonly translation?: TranslationPolicy
  readonly answers?: AnswerPolicy
  /** Serves this alone; then there are no deployments. */
  readonly standIn?: StandInSettings
  /** Tried in this order. */
  readonly deployments: readonly DeploymentSettings[]
}

export interface RouterTarget {
  /** Name of a model, alias or router, or `provider/model`; or a router without a name. */
  readonly target: string | RouterSettings
  /** Top-level members of the body as the target is sent it; null for those to leave out. */
  readonly override?: Readonly<Record<string, JsonValue>>
  /** What the strategy's own schema made of the other fields. */
  readonly options: unknown
}

export interface RouterSettings {
  readonly name: string
  readonly translation?: TranslationPolicy
  readonly answers?: AnswerPolicy
  /** Id of a strategy. */
  readonly strategy: string
  /** What the strategy's own schema made of the fields beside `targets`. */
  readonly options: unknown
  /** At least one. */
  readonly targets: readonly RouterTarget[]
  /** What is nearer to the client comes first. */
  readonly nearest?: true
  /** Areas or regions that it keeps within. */
  readonly residency?: readonly string[]
}

export interface VirtualModelSettings {
  /** Patterns of `provider/model`; undefined for whatever something is known of. */
  readonly candidates?: readonly string[]
  readonly minQuality: number
  readonly fallbacks: number
}

/** A key from the configuration; its secret is hashed as soon as the gateway starts. */
export interface ConfiguredKey {
  readonly name: string
  readonly secret: string
  readonly policy: KeyPolicy
  /** Unix milliseconds. */
  readonly expiresAt?: number
}

/** What is kept of the Responses API. Times in milliseconds. */
export interface ResponsesSettings {
  /** Whether answers are kept at all. */
  readonly keep: boolean
  readonly retention: number
  /** Since a conversation was last used; undefined for ever. */
  readonly conversationRetention?: number
  readonly maxStoredBytes: number
  readonly background: {
    readonly maxRunning: number
    readonly maxQueued: number
    /** Of a whole run, every attempt included. */
    readonly timeout: number
    /** Bytes of one run's events. */
    readonly maxEventBytes: number
  }
  readonly websocket: {
    readonly maxAge: number
    readonly pingInterval: number
  }
}

/** What clients may upload, where it is kept and for how long. */
export interface FilesSettings {
  /** Bytes of one file. */
  readonly maxFileSize: number
  /** Of each key. */
  readonly maxFiles: number
  /** Bytes of all files of each key. */
  readonly maxBytes: number
  /** Milliseconds that a file is kept whose client does not say; undefined for ever. */
  readonly expiresAfter?: number
  /** Where files go to whose client does not say. */
  readonly provider?: string
  /** In place of a directory. */
  readonly s3?: BucketSettings
}

export interface BucketSettings {
  readonly bucket: string
  /** Of a service that is not AWS, without a trailing slash. */
  readonly endpoint?: string
  readonly prefix: string
  readonly pathStyle: boolean
  readonly identity: AwsIdentity & { readonly region: string }
}

export interface MediaSettings {
  /** Bytes of one file. */
  readonly maxBytes: number
  /** Milliseconds. */
  readonly timeout: number
  /** Networks that may be reached although they are not public. */
  readonly allow: readonly string[]
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface Config {
  readonly server: ServerSettings
  readonly data: {
    /** Absolute path. */
    readonly dir: string
  }
  readonly auth: {
    /** Never false when `server.host` can be reached from other machines. */
    readonly required: boolean
  }
  readonly providers: ReadonlyMap<string, ProviderSettings>
  readonly models: ReadonlyMap<string, ModelSettings>
  /** Alias → model, alias, router or `provider/model`. Every one leads somewhere, none in a circle. */
  readonly aliases: ReadonlyMap<string, string>
  readonly routers: ReadonlyMap<string, RouterSettings>
  readonly keys: readonly ConfiguredKey[]
  /** Those that there are. */
  /** Areas or regions that all requests are processed in. */
  readonly residency?: readonly string[]
  /** Path of a MaxMind database. */
  readonly geoDatabase?: string
  /** Regions of one's own. */
  readonly regions: DeclaredRegions
  readonly virtualModels: ReadonlyMap<VirtualModel, VirtualModelSettings>
  /** `provider/model` → marks for its quality: one, or one for each task. */
  readonly quality: ReadonlyMap<string, number | Partial<Readonly<Record<TaskClass, number>>>>
  readonly timeouts: Timeouts
  readonly retries: Retries
  readonly limits: {
    /** Bytes of one answer of a provider that is not a stream. */
    readonly responseBytes: number
    /** Messages in one request. */
    readonly messages: number
    /** Answers for comparison that are made at a time. */
    readonly mirrors: number
  }
  readonly translation: Required<TranslationPolicy>
  readonly checks: CheckSettings
  readonly streams: {
    /** Tokens that have to be there before the client is given a stream. */
    readonly commit: number
    /** Milliseconds without anything on a stream after which its client is told that it goes on. */
    readonly keepAlive?: number
  }
  readonly structuredOutput: StructuredOutputPolicy
  readonly moderation: {
    /** Name of a model, as clients could write it. */
    readonly model: string
  }
  /** Files that requests name by URL and the gateway fetches. Undefined when it must not. */
  readonly media: MediaSettings | undefined
  readonly logging: {
    readonly level: LogLevel
    /** Whether prompts and answers may be logged. */
    readonly content: boolean
    readonly format: 'auto' | 'json' | 'pretty'
  }
  readonly responses: ResponsesSettings
  readonly files: FilesSettings
  readonly journal: {
    /** Milliseconds between two flushes to the disk. */
    readonly fsyncInterval: number
    /** Bytes of records waiting for the disk. */
    readonly maxPending: number
    readonly onFull: 'drop_oldest' | 'refuse'
  }
  readonly metrics: {
    readonly enabled: boolean
    /** Whether `/metrics` asks for a key. */
    readonly requireKey: boolean
  }
}
