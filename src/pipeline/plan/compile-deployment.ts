/** Makes deployments of a configured provider and one of its models: addresses, signer, price and limits looked up beforehand. */
import { flatText } from '../../bytes/flat-text.ts'
import type { ConcurrencySettings, ProviderSettings } from '../../config/types.ts'
import type { AnyDialect, CredentialStanding, Deployment, Endpoint } from '../../kernel/deployment.ts'
import type { AskedFor, Provider, Signer } from '../../kernel/provider.ts'
import type { Circuit, DeploymentSignals, RetryAllowance } from '../../kernel/signals.ts'
import type { Slots } from '../../kernel/slots.ts'
import type { Traits } from '../../kernel/traits.ts'
import type { Transport } from '../../kernel/transport.ts'
import type { JsonValue } from '../../model/json.ts'
import type { Operation } from '../../model/operation.ts'
import { freeOfCharge } from '../../model/price.ts'
import { Fault } from '../../model/fault.ts'
import { keeps } from '../../model/place.ts'
import type { Place, Residency } from '../../model/place.ts'
import type { PriceSheet } from '../../model/price.ts'
import type { TaskClass } from '../../model/task-class.ts'
import type { Leaf } from './route-tree.ts'

export interface DeploymentOverrides {
  readonly prices?: PriceSheet
  readonly maxOutput?: number
  readonly contextWindow?: number
  readonly concurrency?: ConcurrencySettings
  readonly supports?: Traits
  readonly region?: string
}

export interface DeploymentContext {
  readonly placeOf: (region: string) => Place
  /** What the whole gateway keeps: whatever is outside has no way out. */
  readonly residency?: Residency | undefined
  readonly dialect: (id: string) => AnyDialect
  readonly transport: (provider: Provider, settings: ProviderSettings) => Transport
  readonly signer: (provider: Provider, settings: ProviderSettings) => Signer
  /** The same for all deployments of one provider, credential and model, across plans. */
  readonly standing: (settings: ProviderSettings, credential: number, model: string) => CredentialStanding
  /** The same for all credentials of a deployment, across plans. */
  readonly signals: (deployment: string) => DeploymentSignals
  readonly circuit: (settings: ProviderSettings, credential: number, model: string) => Circuit
  /** The same for a deployment, across plans; undefined where nothing limits it. */
  readonly slots: (settings: ProviderSettings, model: string, own: ConcurrencySettings | undefined) => Slots | undefined
  /** The same for all deployments of a provider, across plans. */
  readonly retries: (provider: string) => RetryAllowance
  /** The most tokens that a model of a driver is known to write. */
  readonly maxOutputOf: (driverId: string, model: string) => number | undefined
  /** Tokens that request and answer of a model can have together. */
  readonly contextOf: (driverId: string, model: string) => number | undefined
  readonly priceOf: (pricesId: string, model: string, at: number) => PriceSheet | undefined
  /** How good a deployment is for a kind of work, 0 to 100; `model` as the provider calls it. */
  readonly qualityOf?: (deployment: string, model: string, task: TaskClass) => number | undefined
}

/** Found when it is first asked for: a name is looked for under several spellings, and every request with a budget asks. */
function remembered<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined
  return () => (found ??= { value: find() }).value
}

export function compileLeaf(
  provider: Provider,
  settings: ProviderSettings,
  model: string,
  overrides: DeploymentOverrides,
  context: DeploymentContext,
): Leaf {
  const { options } = settings
  const free = provider.free?.(options) === true ? freeOfCharge(provider.id) : undefined
  const fixed = overrides.prices ?? settings.prices.models.get(model) ?? settings.prices.other ?? free
  const pricesId = provider.prices
  const maxOutput = overrides.maxOutput ?? settings.models?.get(model)?.maxOutput ?? provider.limits?.(model).maxOutput
  const slots = context.slots(settings, model, overrides.concurrency ?? settings.models?.get(model)?.concurrency)
  const window = overrides.contextWindow ?? settings.models?.get(model)?.contextWindow
  const region = overrides.region ?? settings.models?.get(model)?.region ?? regionOf(provider, settings, model)
  const place = region === undefined ? undefined : context.placeOf(region)
  const isClosed = context.residency !== undefined && !keeps(context.residency, place)
  const common: Omit<Deployment, 'sign' | 'redact' | 'standing' | 'circuit'> = {
    id: flatText(`${settings.name}/${model}`),
    provider: settings.name,
    model,
    endpoints: endpointsOf(provider, settings, context, {
      model,
      supports: { ...settings.supports, ...settings.models?.get(model)?.supports, ...overrides.supports },
    }),
    ...(place !== undefined && { place }),
    transport: isClosed ? closedTransport : context.transport(provider, settings),
    headers: settings.headers,
    priceAt: (at) => fixed ?? (pricesId === undefined ? undefined : context.priceOf(pricesId, model, at)),
    ...(maxOutput !== undefined && { maxOutput }),
    knownMaxOutput: remembered(() => context.maxOutputOf(provider.id, model)),
    knownContext: () => window ?? context.contextOf(provider.id, model),
    timeouts: settings.timeouts,
    streamUsage: streamUsageOf(provider, settings),
    ...(slots !== undefined && { slots }),
    retries: context.retries(settings.name),
    signals: context.signals(`${settings.name}/${model}`),
    quality: (task) => context.qualityOf?.(`${settings.name}/${model}`, model, task),
  }
  const signer = context.signer(provider, settings)
  const wholeBody = signer.wholeBody === true || common.transport.wholeBody === true
  const credentials = settings.credentials.length === 0 ? [undefined] : settings.credentials
  return {
    kind: 'leaf',
    variants: credentials.map((credential, index) => ({
      ...common,
      ...(credentials.length > 1 && { credential: index + 1 }),
      ...(wholeBody && { wholeBody }),
      standing: context.standing(settings, index, model),
      circuit: context.circuit(settings, index, model),
      sign: (outbound) => signer.sign(outbound, credential),
      ...(signer.refused !== undefined && { refused: () => signer.refused?.() }),
      redact(text) {
        const clean = credential === undefined ? text : text.replaceAll(credential, '[credential]')
        return signer.redact?.(clean) ?? clean
      },
    })),
    turn: 0,
  }
}

/** Where the provider processes what it is asked. */
function regionOf(provider: Provider, { options, region }: ProviderSettings, model: string): string | undefined {
  if (provider.regionOf !== undefined) return provider.regionOf(options, model) ?? region
  const told = options as { readonly region?: unknown; readonly location?: unknown }
  const own = told.region ?? told.location
  return typeof own === 'string' ? own : region
}

/** Of a provider that the whole gateway is to keep away from. */
const closedTransport: Transport = {
  dispatch() {
    throw new Fault('outside_residency', 'It is outside of where requests may be processed (`residency`).')
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

function endpointsOf(
  provider: Provider,
  settings: ProviderSettings,
  context: DeploymentContext,
  { model, supports }: { readonly model: string; readonly supports: Traits },
): Map<Operation, Endpoint[]> {
  const protocol = settings.models?.get(model)?.protocol ?? settings.protocol
  const offers = provider.offersOf?.(settings.options) ?? provider.offers
  const usual = provider.baseUrl(settings.options)
  const endpoints = new Map<Operation, Endpoint[]>()
  for (const offer of offers) {
    if (offer.serves?.(model, protocol) === false) continue
    const dialect = context.dialect(offer.dialect)
    const base = new URL(offer.address?.(settings.options) ?? usual)
    const prefix = base.pathname.replace(/\/$/, '')
    const maxInputs = typeof offer.maxInputs === 'function' ? offer.maxInputs(model) : offer.maxInputs
    const particular = { ...offer.traits?.(model), ...supports }
    const endpoint: Endpoint = {
      dialect,
      origin: base.origin,
      path: (name, stream, asked) => `${prefix}${offer.path(name, stream, asked)}${base.search}`,
      ...(offer.compactPath !== undefined && { compactPath: `${prefix}${offer.compactPath}${base.search}` }),
      ...(offer.spelling !== undefined && { spelling: offer.spelling }),
      ...(maxInputs !== undefined && { maxInputs }),
      ...(offer.free === true && { free: true }),
      traits: { ...dialect.traits, ...particular },
      particular,
      ...(offer.receive !== undefined && { receive: offer.receive.bind(offer) }),
      ...(offer.body !== undefined && { edits: (asked: AskedFor) => asText(offer.body?.(asked)) }),
    }
    const sameOperation = endpoints.get(offer.operation)
    if (sameOperation === undefined) endpoints.set(offer.operation, [endpoint])
    else if (dialect.id === protocol) sameOperation.unshift(endpoint)
    else sameOperation.push(endpoint)
  }
  return endpoints
}

function asText(members: Readonly<Record<string, JsonValue | undefined>> = {}): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, value === undefined ? undefined : JSON.stringify(value)]),
  )
}

/**
 * Asking for usage changes the request, and not every server takes the question. So `auto` asks where the provider is known to,
 * at its own address; at any other address only when money or a quota depends on the answer.
 */
function streamUsageOf(provider: Provider, settings: ProviderSettings): Deployment['streamUsage'] {
  if (settings.streamUsage !== 'auto') return settings.streamUsage
  const atHome = settings.options.base_url === undefined
  return provider.quirks?.streamUsageOnRequest === true && atHome ? 'always' : 'metered'
}
