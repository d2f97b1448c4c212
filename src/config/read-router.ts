/** Reads one entry of `routers`: its strategy with its options, and its targets with those that the strategy takes. */
import { z } from 'zod'
import { resolve as resolvePath } from 'node:path'
import { noPlace, StrategyProblem, targetIds } from '../kernel/strategy.ts'
import { answerPolicyOf } from './answer-policy.ts'
import type { Strategy } from '../kernel/strategy.ts'
import type { JsonValue } from '../model/json.ts'
import type { ConfigDocument } from './document.ts'
import { problemsOf } from './issues.ts'
import { formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'
import { routerFields, targetFields } from './schema.ts'
import { suggest } from './suggest.ts'
import { translationOf } from './translation-policy.ts'
import type { DriverRegistry, RouterSettings, RouterTarget } from './types.ts'

type Entry = Readonly<Record<string, unknown>>

export interface RouterContext {
  readonly document: ConfigDocument
  readonly registry: DriverRegistry
  readonly problems: ConfigProblem[]
  /** What relative paths start from; undefined where there are no files to name. */
  readonly baseDir?: string
  /** A request brings it: strategies that run code or call others are not for it. */
  readonly ofRequest?: true
}

/** Undefined, with at least one problem added, when it is not usable. `path` is where it stands; a router within another has no name of its own. */
export function readRouter(
  name: string,
  entry: Entry,
  path: ConfigPath,
  context: RouterContext,
): RouterSettings | undefined {
  const { document, registry, problems } = context
  const before = problems.length
  const common = new Set(Object.keys(routerFields.shape))
  const fields = routerFields.safeParse(pick(entry, (key) => common.has(key)))
  if (!fields.success) problems.push(...problemsOf(fields.error, { document, schema: routerFields, path }))

  const wanted = entry['strategy']
  const strategy = typeof wanted === 'string' ? strategyOf(wanted, registry) : undefined
  if (strategy === undefined) {
    if (typeof wanted === 'string') problems.push(unknownStrategy(wanted, [...path, 'strategy'], document, registry))
    return undefined
  }
  if (strategy.configuredOnly === true && context.ofRequest === true) {
    const place = { path: formatPath([...path, 'strategy']), ...document.place([...path, 'strategy'], 'value') }
    problems.push({ ...place, message: `\`${strategy.id}\` is for routers of the configuration alone` })
    return undefined
  }
  const schema = strict(strategy.options)
  const options = schema.safeParse(
    located(
      strategy,
      pick(entry, (key) => !common.has(key)),
      context.baseDir,
    ),
  )
  if (!options.success) problems.push(...problemsOf(options.error, { document, schema, path, alsoKnown: [...common] }))
  if (!fields.success) return undefined

  const targets = fields.data.targets.flatMap(
    (given, index) => readTarget(given, index, [...path, 'targets', index], strategy, context) ?? [],
  )
  if (problems.length > before || !options.success) return undefined
  const problem = problemOf(name, strategy, targets, options.data)
  if (problem !== undefined) {
    const at = [...path, ...problem.path]
    problems.push({ path: formatPath(at), ...document.place(at, 'value'), message: problem.message })
    return undefined
  }
  return {
    name,
    strategy: strategy.id,
    options: options.data,
    targets,
    ...(fields.data.region !== undefined && { nearest: true }),
    ...(fields.data.residency !== undefined && { residency: fields.data.residency }),
    ...translationOf(fields.data),
    ...answerPolicyOf(fields.data),
  }
}

function readTarget(
  given: string | Entry,
  index: number,
  path: ConfigPath,
  strategy: Strategy,
  context: RouterContext,
): RouterTarget | undefined {
  const { document, problems } = context
  const entry: Entry = typeof given === 'string' ? { target: given } : 'strategy' in given ? { target: given } : given
  const common = new Set(Object.keys(targetFields.shape))
  const fields = targetFields.safeParse(pick(entry, (key) => common.has(key)))
  if (!fields.success) problems.push(...problemsOf(fields.error, { document, schema: targetFields, path }))
  const schema = strict(strategy.targetOptions)
  const options = schema.safeParse(pick(entry, (key) => !common.has(key)))
  if (!options.success) problems.push(...problemsOf(options.error, { document, schema, path, alsoKnown: [...common] }))
  if (!fields.success || !options.success) return undefined
  const { target, override } = fields.data
  // A router that stands there itself, or behind `target`.
  const inner =
    typeof target === 'string'
      ? target
      : readRouter(String(index + 1), target, target === given ? path : [...path, 'target'], context)
  return inner === undefined
    ? undefined
    : {
        target: inner,
        options: options.data,
        ...(override !== undefined && { override: override as Record<string, JsonValue> }),
      }
}

/** What the strategy finds wrong that no schema can see. */
function problemOf(
  name: string,
  strategy: Strategy,
  targets: readonly RouterTarget[],
  options: unknown,
): StrategyProblem | undefined {
  const ids = targetIds(targets.map(({ target }) => (typeof target === 'string' ? target : `${name}/${target.name}`)))
  try {
    strategy.compile(
      targets.map((target, index) => ({ id: ids[index] ?? '', options: target.options, leaves: [] })),
      options,
      noPlace,
    )
    return undefined
  } catch (error) {
    if (error instanceof StrategyProblem) return error
    throw error
  }
}

/** With absolute paths. */
function located({ files = [] }: Strategy, entry: Entry, baseDir: string | undefined): Entry {
  if (baseDir === undefined) return entry
  const paths = files.flatMap((key): [string, string][] => {
    const given = entry[key]
    return typeof given === 'string' && given !== '' ? [[key, resolvePath(baseDir, given)]] : []
  })
  return { ...entry, ...Object.fromEntries(paths) }
}

const pick = (entry: Entry, which: (key: string) => boolean): Entry =>
  Object.fromEntries(Object.entries(entry).filter(([key]) => which(key)))

const strict = (schema: z.ZodType): z.ZodType => (schema instanceof z.ZodObject ? schema.strict() : schema)

/** By its id or what others call it; `least-busy` is `least_busy`. */
export function strategyOf(wanted: string, registry: DriverRegistry): Strategy | undefined {
  const id = wanted.toLowerCase().replaceAll('-', '_')
  return registry.strategies.find(
    (strategy) =>
      strategy.id === id || strategy.alsoCalled?.some((other) => other.replaceAll('-', '_') === id) === true,
  )
}

function unknownStrategy(
  wanted: string,
  path: ConfigPath,
  document: ConfigDocument,
  registry: DriverRegistry,
): ConfigProblem {
  const ids = registry.strategies.map((strategy) => strategy.id)
  const place = { path: formatPath(path), ...document.place(path, 'value') }
  if (document.secret(path)) return { ...place, message: 'names no strategy' }
  const hint = suggest(wanted, ids)
  return { ...place, message: `no strategy is called \`${wanted}\``, ...(hint === undefined ? {} : { hint }) }
}
