/** Reads one entry of `providers`: the fields every provider has, then those that its driver adds. */
import { concurrencyOf } from './concurrency-fields.ts'
import type { Provider, ProviderConfig } from '../kernel/provider.ts'
import type { PriceSheet } from '../model/price.ts'
import type { ConfigDocument } from './document.ts'
import { fieldsFromEnvironment, firstSet } from './fields-from-environment.ts'
import type { Environment } from './interpolate.ts'
import { problemsOf } from './issues.ts'
import { suggest } from './suggest.ts'
import { toPriceSheet } from './price-schema.ts'
import { formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'
import { toTraits } from './traits-schema.ts'
import { driverFieldNames, driverFields, providerFields } from './provider-schema.ts'
import type { ProviderFields } from './provider-schema.ts'
import type { CircuitSettings, DriverRegistry, ProviderModel, ProviderSettings, Timeouts } from './types.ts'

export interface ProviderContext {
  readonly document: ConfigDocument
  readonly registry: DriverRegistry
  readonly env: Environment
  readonly timeouts: Timeouts
  readonly circuit: CircuitSettings
  readonly warnings: ConfigProblem[]
}

/** Undefined, with at least one problem added, when it is not usable. */
export function readProvider(
  name: string,
  entry: Readonly<Record<string, unknown>>,
  context: ProviderContext,
  problems: ConfigProblem[],
): ProviderSettings | undefined {
  const { document, registry } = context
  const path: ConfigPath = ['providers', name]
  const use = entry['use'] ?? name
  const driver =
    registry.providers.find((candidate) => candidate.id === use) ??
    (typeof use === 'string' ? registry.providers.find(({ formerly }) => formerly?.includes(use)) : undefined)
  // What a driver has a field of its own for is its field.
  const theirs = driver === undefined ? [] : driverFieldNames(driver)
  const known = new Set(Object.keys(providerFields.shape).filter((field) => !theirs.includes(field)))
  const common = Object.fromEntries(Object.entries(entry).filter(([key]) => known.has(key)))
  const own = Object.fromEntries(Object.entries(entry).filter(([key]) => !known.has(key)))
  const before = problems.length

  const fields = providerFields.safeParse(common)
  if (!fields.success) problems.push(...problemsOf(fields.error, { document, schema: providerFields, path }))

  if (driver === undefined) {
    if (typeof use === 'string') problems.push(unknownDriver(use, path, entry, context))
    problems.push(...unknownFields(own, path, context, known))
    return undefined
  }
  if (driver.id !== use) context.warnings.push(formerName(driver, entry, path, document))
  const schema = driverFields(driver)
  const options = schema.safeParse({ ...fieldsFromEnvironment(driver, entry, context.env), ...own })
  if (!options.success) {
    problems.push(...problemsOf(options.error, { document, schema, path, alsoKnown: [...known] }))
  }
  if (fields.success) problems.push(...unknownProtocols(fields.data, driver, path, document))
  if (problems.length > before || !fields.success || !options.success) return undefined

  problems.push(...furtherProblems(driver, options.data as ProviderConfig, path, document))
  if (problems.length > before) return undefined

  // Keys in the driver's own fields are the file's word; a variable that happens to be set does not overrule them.
  const keyed = driver.needsCredential?.(own) === false
  const credentials = fields.data.credentials ?? (keyed ? [] : credentialFromEnvironment(driver, entry, context.env))
  const needed = driver.needsCredential?.(options.data as ProviderConfig) ?? driver.keyless !== true
  if (credentials.length === 0 && needed) {
    const hint = driver.env[0] === undefined ? 'set `credentials`' : `set \`credentials: "\${${driver.env[0]}}"\``
    problems.push({ path: formatPath(path), ...document.place(path, 'key'), message: 'has no credentials', hint })
    return undefined
  }
  if (entry['base_url'] === undefined) context.warnings.push(...keysOfOthers(credentials, driver, entry, path, context))
  return settings(name, driver, fields.data, options.data as ProviderConfig, credentials, context)
}

/** Keys that begin as another service's do, which this one will hardly take. The key itself is never told. */
function keysOfOthers(
  credentials: readonly string[],
  driver: Provider,
  entry: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  { document, registry }: ProviderContext,
): ConfigProblem[] {
  return credentials.flatMap((credential, index) => {
    const owner = registry.providers.find(
      ({ keyPrefixes }) => keyPrefixes?.some((prefix) => credential.startsWith(prefix)) === true,
    )
    if (owner === undefined || owner.id === driver.id) return []
    const written = entry['credentials']
    const at: ConfigPath =
      written === undefined ? path : Array.isArray(written) ? [...path, 'credentials', index] : [...path, 'credentials']
    return [
      {
        path: formatPath(at),
        ...document.place(at, written === undefined ? 'key' : 'value'),
        message: `looks like a key of ${owner.title}, which ${driver.title} will hardly take`,
        hint:
          driver.keyUrl === undefined
            ? `configure it under \`${owner.id}\``
            : `${driver.title} gives keys at ${driver.keyUrl}`,
      },
    ]
  })
}

/** What only the driver can see, told at the field it names or, where that came from elsewhere, at the entry. */
function furtherProblems(
  driver: Provider,
  options: ProviderConfig,
  path: ConfigPath,
  document: ConfigDocument,
): ConfigProblem[] {
  return (driver.problems?.(options) ?? []).map(({ field, message, hint }) => ({
    path: formatPath([...path, field]),
    ...document.place([...path, field], 'value'),
    message,
    ...(hint !== undefined && { hint }),
  }))
}

/** Protocols that the driver does not speak. */
function unknownProtocols(
  fields: ProviderFields,
  driver: Provider,
  path: ConfigPath,
  document: ConfigDocument,
): ConfigProblem[] {
  const spoken = [...new Set(driver.offers.map(({ dialect }) => dialect))]
  const perModel = Array.isArray(fields.models) ? [] : Object.entries(fields.models ?? {})
  const given: (readonly [string | undefined, ConfigPath])[] = [
    [fields.protocol, [...path, 'protocol']],
    ...perModel.map(([model, detail]) => [detail?.protocol, [...path, 'models', model, 'protocol']] as const),
  ]
  return given.flatMap(([protocol, at]) =>
    protocol === undefined || spoken.includes(protocol)
      ? []
      : [
          {
            path: formatPath(at),
            ...document.place(at, 'value'),
            message: `is not a protocol that ${driver.id} speaks`,
            hint: `it speaks ${spoken.map((id) => `\`${id}\``).join(', ')}`,
          },
        ],
  )
}

function formerName(
  driver: Provider,
  entry: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  document: ConfigDocument,
): ConfigProblem {
  const given = entry['use'] !== undefined
  const at: ConfigPath = given ? [...path, 'use'] : path
  return {
    path: formatPath(at),
    ...document.place(at, given ? 'value' : 'key'),
    message: `names a service that is gone; \`${driver.id}\` took its place and is called instead`,
    hint: `set \`use: ${driver.id}\``,
  }
}

function unknownDriver(
  use: string,
  path: ConfigPath,
  entry: Readonly<Record<string, unknown>>,
  { document, registry }: ProviderContext,
): ConfigProblem {
  const at = entry['use'] === undefined ? path : [...path, 'use']
  const of = entry['use'] === undefined ? 'key' : 'value'
  const ids = registry.providers.map((provider) => provider.id)
  const place = { path: formatPath(at), ...document.place(at, of) }
  if (document.secret(at)) return { ...place, message: 'names no provider driver' }
  const suggestion = suggest(use, ids)
  const hint = entry['use'] === undefined ? `${suggestion ?? ''} or set \`use\``.trim() : suggestion
  return { ...place, message: `no provider driver is called \`${use}\``, ...(hint === undefined ? {} : { hint }) }
}

/** Fields that no driver at all would know, told even when the driver's name is wrong as well. */
function unknownFields(
  own: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  { document, registry }: ProviderContext,
  common: ReadonlySet<string>,
): ConfigProblem[] {
  const known = new Set([...common, ...registry.providers.flatMap(driverFieldNames)])
  const unknown = Object.keys(own).filter((key) => !known.has(key))
  return unknown.map((key) => {
    const hint = suggest(key, known)
    const place = { path: formatPath([...path, key]), ...document.place([...path, key], 'key') }
    return { ...place, message: 'is not a known key', ...(hint === undefined ? {} : { hint }) }
  })
}

/** The driver's usual variable, but only for its own address: a key must not be sent anywhere its owner did not name. */
function credentialFromEnvironment(
  driver: Provider,
  entry: Readonly<Record<string, unknown>>,
  env: Environment,
): readonly string[] {
  const value = entry['base_url'] === undefined ? firstSet(driver.env, env) : undefined
  return value === undefined ? [] : [value]
}

function settings(
  name: string,
  driver: Provider,
  fields: ProviderFields,
  options: ProviderConfig,
  credentials: readonly string[],
  { timeouts, circuit }: Pick<ProviderContext, 'timeouts' | 'circuit'>,
): ProviderSettings {
  const models = new Map<string, ProviderModel>()
  const prices = new Map<string, PriceSheet>()
  const listed = Array.isArray(fields.models)
    ? fields.models.map((model) => [model, null] as const)
    : Object.entries(fields.models ?? {})
  for (const [model, detail] of listed) {
    models.set(model, {
      ...(detail?.max_output !== undefined && { maxOutput: detail.max_output }),
      ...(detail?.context_window !== undefined && { contextWindow: detail.context_window }),
      ...(detail !== null && concurrencyOf(detail)),
      ...(detail?.protocol !== undefined && { protocol: detail.protocol }),
      ...(detail?.supports !== undefined && { supports: toTraits(detail.supports) }),
      ...(detail?.region !== undefined && { region: detail.region }),
    })
    if (detail?.prices !== undefined) prices.set(model, toPriceSheet(detail.prices, 'config'))
  }
  return {
    name,
    use: driver.id,
    options,
    credentials,
    ...(fields.models === undefined ? {} : { models }),
    ...(fields.region !== undefined && { region: fields.region }),
    discover: fields.discover,
    headers: Object.fromEntries(Object.entries(fields.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value])),
    streamUsage: fields.stream_usage,
    ...(fields.protocol !== undefined && { protocol: fields.protocol }),
    supports: toTraits(fields.supports),
    timeouts: {
      connect: fields.timeouts.connect ?? timeouts.connect,
      firstByte: fields.timeouts.first_byte ?? timeouts.firstByte,
      stall: fields.timeouts.stall ?? timeouts.stall,
    },
    circuit,
    ...concurrencyOf(fields),
    prices: {
      models: prices,
      ...(fields.prices === undefined ? {} : { other: toPriceSheet(fields.prices, 'config') }),
    },
    ...(fields.pass_through.enabled && {
      passThrough: {
        ...(fields.pass_through.paths !== undefined && { paths: fields.pass_through.paths }),
        ...(fields.pass_through.price !== undefined && { price: fields.pass_through.price }),
      },
    }),
  }
}
