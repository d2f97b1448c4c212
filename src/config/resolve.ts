/** Makes the resolved configuration of a document that was read, or reports everything that is wrong with it at once. */
import { resolve as resolvePath } from 'node:path'
import type { FileLimits, KeyPolicy } from '../model/key.ts'
import { virtualModelNames } from '../model/virtual-model.ts'
import type { VirtualModel } from '../model/virtual-model.ts'
import type { ConfigDocument } from './document.ts'
import type { Environment } from './interpolate.ts'
import { problemsOf } from './issues.ts'
import { toPriceSheet } from './price-schema.ts'
import { toTraits } from './traits-schema.ts'
import { answerPolicyOf, commitTokens } from './answer-policy.ts'
import { toChecks } from './check-fields.ts'
import { concurrencyOf } from './concurrency-fields.ts'
import { translationOf } from './translation-policy.ts'
import { ConfigError, formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'
import { readProvider } from './read-provider.ts'
import { readRouter } from './read-router.ts'
import { checkReferences } from './references.ts'
import { checkStandIn, standInOf } from './stand-in.ts'
import { configSchema } from './schema.ts'
import type { ConfigInput } from './schema.ts'
import type {
  BucketSettings,
  CircuitSettings,
  Config,
  ConfiguredKey,
  DriverRegistry,
  FilesSettings,
  ModelSettings,
  ProviderSettings,
  ResponsesSettings,
  RouterSettings,
  VirtualModelSettings,
} from './types.ts'

export interface ResolveOptions {
  readonly env: Environment
  readonly registry: DriverRegistry
  /** What relative paths in the configuration start from. */
  readonly baseDir: string
}

export interface ResolvedConfig {
  readonly config: Config
  /** What works, but hardly as meant. */
  readonly warnings: readonly ConfigProblem[]
}

/** Throws a ConfigError. */
export function resolveConfig(document: ConfigDocument, options: ResolveOptions): ResolvedConfig {
  const problems = [...document.problems]
  const warnings: ConfigProblem[] = []
  const parsed = configSchema.safeParse(document.value)
  if (!parsed.success) problems.push(...problemsOf(parsed.error, { document, schema: configSchema, path: [] }))

  // What the drivers' schemas say of providers and routers is worth knowing even when another section is wrong.
  const input = parsed.success ? parsed.data : soundSections(document.value)
  const timeouts = {
    connect: input.timeouts.connect,
    firstByte: input.timeouts.first_byte,
    stall: input.timeouts.stall,
    total: input.timeouts.total,
  }
  const providers = new Map<string, ProviderSettings>()
  for (const [name, entry] of entriesOf(document.value, 'providers')) {
    const provider = readProvider(
      name,
      entry,
      {
        document,
        registry: options.registry,
        env: options.env,
        timeouts,
        circuit: toCircuit(input.circuit_breaker),
        warnings,
      },
      problems,
    )
    if (provider !== undefined) providers.set(name, provider)
  }
  const routers = new Map<string, RouterSettings>()
  for (const [name, entry] of entriesOf(document.value, 'routers')) {
    const router = readRouter(name, entry, ['routers', name], {
      document,
      registry: options.registry,
      problems,
      baseDir: options.baseDir,
    })
    if (router !== undefined) routers.set(name, router)
  }
  const references = checkReferences(document)
  problems.push(...references.problems)
  warnings.push(...references.warnings)
  checkMeaning(input, document, problems, warnings)
  applyPrices(input, providers, document, problems)
  if (problems.length > 0) throw new ConfigError(inOrder(problems))
  if (providers.size === 0)
    warnings.push({
      path: 'providers',
      ...document.place(['providers'], 'key'),
      message: 'no provider is configured, so no model can be reached',
    })

  return {
    config: {
      server: {
        host: input.server.host,
        port: input.server.port,
        bodyLimit: input.server.body_limit,
        uploadLimit: input.server.upload_limit,
        uploadReserve: input.server.upload_reserve,
        headerLimit: input.server.header_limit,
        requestTimeout: input.server.request_timeout,
        trustedProxies: input.server.trusted_proxies,
        maxConnections: input.server.max_connections,
        maxInFlight: input.server.max_in_flight,
        drainTimeout: input.server.drain_timeout,
      },
      data: { dir: resolvePath(options.baseDir, input.data.dir) },
      auth: { required: input.auth.required },
      providers,
      models: new Map(Object.entries(input.models).map(([name, model]) => [name, toModel(name, model)])),
      aliases: new Map(Object.entries(input.aliases)),
      routers,
      ...(input.residency !== undefined && { residency: input.residency }),
      ...(input.geo.database !== undefined && { geoDatabase: resolvePath(options.baseDir, input.geo.database) }),
      regions: new Map(
        Object.entries(input.regions).map(([name, { area, at }]) => [
          name,
          { ...(area !== undefined && { area }), ...(at !== undefined && { at }) },
        ]),
      ),
      keys: input.keys.map(toKey),
      virtualModels: toVirtualModels(input.virtual_models),
      quality: new Map(Object.entries(input.quality)),
      timeouts,
      retries: {
        rounds: input.retries.rounds,
        baseDelay: input.retries.base_delay,
        maxDelay: input.retries.max_delay,
        budget: { ratio: input.retries.budget.ratio, minPerSecond: input.retries.budget.min_per_second },
      },
      limits: {
        responseBytes: input.limits.response_bytes,
        messages: input.limits.messages,
        mirrors: input.limits.mirrors,
      },
      media: input.media.fetch
        ? { maxBytes: input.media.max_bytes, timeout: input.media.timeout, allow: input.media.allow }
        : undefined,
      translation: {
        onUnsupported: input.translation.on_unsupported,
        promptCaching: input.translation.prompt_caching,
      },
      structuredOutput: { repairs: input.structured_output.repairs, validate: input.structured_output.validate },
      checks: toChecks(input.checks),
      streams: {
        commit: commitTokens(input.streams.commit),
        ...(input.streams.keep_alive !== undefined && { keepAlive: input.streams.keep_alive }),
      },
      moderation: { model: input.moderation.model },
      logging: { level: input.logging.level, content: input.logging.content, format: input.logging.format },
      responses: toResponses(input.responses),
      files: toFiles(input.files),
      journal: {
        fsyncInterval: input.journal.fsync_interval,
        maxPending: input.journal.max_pending,
        onFull: input.journal.on_full,
      },
      metrics: { enabled: input.metrics.enabled, requireKey: input.metrics.require_key },
    },
    warnings: inOrder(warnings),
  }
}

/** The sections that are right by themselves, and defaults in place of the others. */
function soundSections(root: unknown): ConfigInput {
  const sound: Record<string, unknown> = {}
  for (const [section, schema] of Object.entries(configSchema.shape)) {
    const value: unknown = isMap(root) ? root[section] : undefined
    if (value !== undefined && schema.safeParse(value).success) sound[section] = value
  }
  return configSchema.parse(sound)
}

/** The entries of a section that are maps; an empty entry (`openai:`) is an empty map. */
function entriesOf(root: unknown, section: string): [string, Record<string, unknown>][] {
  const found: unknown = isMap(root) ? root[section] : undefined
  if (!isMap(found)) return []
  return Object.entries(found).flatMap(([name, entry]): [string, Record<string, unknown>][] => {
    if (entry === null) return [[name, {}]]
    return isMap(entry) ? [[name, entry]] : []
  })
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What no schema can see, because it is about several keys together. */
function checkMeaning(
  input: ConfigInput,
  document: ConfigDocument,
  problems: ConfigProblem[],
  warnings: ConfigProblem[],
): void {
  const finding = (path: ConfigPath, message: string, hint?: string): ConfigProblem => ({
    path: formatPath(path),
    ...document.place(path, 'value'),
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  if (!input.auth.required && !isLoopback(input.server.host)) {
    const message = 'is refused, because other machines can reach `server.host`'
    problems.push(finding(['auth', 'required'], message, 'listen on 127.0.0.1, or require keys'))
  }
  if (input.circuit_breaker.recovery > input.circuit_breaker.max_recovery) {
    problems.push(finding(['circuit_breaker', 'recovery'], 'is longer than `circuit_breaker.max_recovery`'))
  }
  if (input.retries.base_delay > input.retries.max_delay) {
    problems.push(finding(['retries', 'base_delay'], 'is longer than `retries.max_delay`'))
  }
  for (const [name, model] of Object.entries(input.models)) {
    const wrong = checkStandIn(model)
    if (wrong !== undefined) problems.push(finding(['models', name, ...wrong.path], wrong.message, wrong.hint))
  }
  const { provider } = input.files
  if (provider !== undefined && !entriesOf(document.value, 'providers').some(([name]) => name === provider))
    problems.push(finding(['files', 'provider'], `names the unknown provider "${provider}"`))
  const names = new Map<string, number>()
  const secrets = new Map<string, number>()
  input.keys.forEach((key, index) => {
    if (names.has(key.name)) problems.push(finding(['keys', index, 'name'], 'is the name of another key, too'))
    names.set(key.name, index)
    const twin = secrets.get(key.secret)
    if (twin !== undefined) problems.push(finding(['keys', index, 'secret'], `is the secret of keys[${twin}], too`))
    secrets.set(key.secret, index)
    if (key.secret.length < 16) {
      const hint = '`openssl rand -hex 24` makes a good one'
      warnings.push(finding(['keys', index, 'secret'], 'is short enough to be guessed', hint))
    }
  })
}

/** Only what surely never leaves the machine: a name other than localhost could resolve to anything. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^127(?:\.\d{1,3}){3}$/.test(bare)
}

function applyPrices(
  input: ConfigInput,
  providers: Map<string, ProviderSettings>,
  document: ConfigDocument,
  problems: ConfigProblem[],
): void {
  for (const [name, prices] of Object.entries(input.prices)) {
    const slash = name.indexOf('/')
    const provider = providers.get(name.slice(0, slash))
    if (provider === undefined) continue
    const model = name.slice(slash + 1)
    if (provider.prices.models.has(model)) {
      const path = ['prices', name]
      const message = 'is priced a second time: the entry of the provider names prices of this model, too'
      problems.push({ path: formatPath(path), ...document.place(path, 'key'), message })
      continue
    }
    const models = new Map(provider.prices.models).set(model, toPriceSheet(prices, 'config'))
    providers.set(provider.name, { ...provider, prices: { ...provider.prices, models } })
  }
}

function toModel(name: string, model: ConfigInput['models'][string]): ModelSettings {
  return {
    name,
    ...standInOf(model),
    deployments: (model.deployments ?? []).map((deployment) => ({
      provider: deployment.provider,
      model: deployment.model,
      ...(deployment.prices === undefined ? {} : { prices: toPriceSheet(deployment.prices, 'config') }),
      ...(deployment.max_output === undefined ? {} : { maxOutput: deployment.max_output }),
      ...(deployment.context_window === undefined ? {} : { contextWindow: deployment.context_window }),
      ...concurrencyOf(deployment),
      ...(deployment.supports === undefined ? {} : { supports: toTraits(deployment.supports) }),
      ...(deployment.region === undefined ? {} : { region: deployment.region }),
    })),
    ...translationOf(model),
    ...answerPolicyOf(model),
  }
}

function toCircuit(input: ConfigInput['circuit_breaker']): CircuitSettings {
  return {
    enabled: input.enabled,
    failures: input.failures,
    errorRatio: input.error_ratio,
    minRequests: input.min_requests,
    window: input.window,
    recovery: input.recovery,
    maxRecovery: input.max_recovery,
    successes: input.successes,
    probes: input.probes,
  }
}

const usualMinQuality = 50

function toVirtualModels(input: ConfigInput['virtual_models']): Map<VirtualModel, VirtualModelSettings> {
  const enabled = input.enabled ? virtualModelNames.filter((name) => input.models[name]?.enabled !== false) : []
  return new Map(
    enabled.map((name) => {
      const own = input.models[name]
      const candidates = own?.candidates ?? input.candidates
      return [
        name,
        {
          ...(candidates !== undefined && { candidates }),
          minQuality: own?.min_quality ?? input.min_quality ?? usualMinQuality,
          fallbacks: input.fallbacks,
        },
      ]
    }),
  )
}

function toResponses(input: ConfigInput['responses']): ResponsesSettings {
  const { background, websocket } = input
  return {
    keep: input.keep,
    retention: input.retention,
    ...(input.conversation_retention !== undefined && { conversationRetention: input.conversation_retention }),
    maxStoredBytes: input.max_stored_bytes,
    background: {
      maxRunning: background.max_running,
      maxQueued: background.max_queued,
      timeout: background.timeout,
      maxEventBytes: background.max_event_bytes,
    },
    websocket: { maxAge: websocket.max_age, pingInterval: websocket.ping_interval },
  }
}

function toFiles(input: ConfigInput['files']): FilesSettings {
  const { s3 } = input
  return {
    maxFileSize: input.max_file_size,
    maxFiles: input.max_files,
    maxBytes: input.max_bytes,
    ...(input.expires_after !== undefined && { expiresAfter: input.expires_after }),
    ...(input.provider !== undefined && { provider: input.provider }),
    ...(s3 !== undefined && { s3: toBucket(s3) }),
  }
}

function toBucket(input: NonNullable<ConfigInput['files']['s3']>): BucketSettings {
  const { bucket, endpoint, prefix, path_style: pathStyle, ...identity } = input
  return {
    bucket,
    ...(endpoint !== undefined && { endpoint }),
    prefix,
    pathStyle: pathStyle ?? endpoint !== undefined,
    identity,
  }
}

function toFileLimits(input: ConfigInput['keys'][number]['files']): FileLimits {
  return {
    ...(input.max_file_size !== undefined && { maxFileSize: input.max_file_size }),
    ...(input.max_files !== undefined && { maxFiles: input.max_files }),
    ...(input.max_bytes !== undefined && { maxBytes: input.max_bytes }),
    ...(input.purposes !== undefined && { purposes: input.purposes }),
  }
}

function toKey(key: ConfigInput['keys'][number]): ConfiguredKey {
  const files = toFileLimits(key.files)
  const policy: KeyPolicy = {
    models: key.models,
    ...(key.limits.requests === undefined ? {} : { requests: key.limits.requests }),
    ...(key.limits.tokens === undefined ? {} : { tokens: key.limits.tokens }),
    ...(key.budget === undefined ? {} : { budgets: key.budget }),
    ...(Object.keys(files).length === 0 ? {} : { files }),
    ...(key.metadata === undefined ? {} : { metadata: key.metadata }),
    ...(key.on_unsupported === undefined ? {} : { onUnsupported: key.on_unsupported }),
    ...(key.residency === undefined ? {} : { residency: key.residency }),
    ...(key.admin ? { admin: true } : {}),
    ...(key.inline_routers ? { inlineRouters: true } : {}),
  }
  return {
    name: key.name,
    secret: key.secret,
    policy,
    ...(key.expires === undefined ? {} : { expiresAt: key.expires }),
  }
}

/** In the order of the file, and for one place and path only the first, which is the cause of the others. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const first = new Map<string, ConfigProblem>()
  for (const problem of problems) {
    const key = JSON.stringify([problem.line, problem.column, problem.path])
    if (!first.has(key)) first.set(key, problem)
  }
  return [...first.values()].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || (a.path < b.path ? -1 : 1),
  )
}
