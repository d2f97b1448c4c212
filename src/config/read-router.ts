/** Reads one entry of `routers`: its strategy, and its targets with the options that the strategy takes. */
import { z } from 'zod'
import type { ConfigDocument } from './document.ts'
import { problemsOf } from './issues.ts'
import { suggest } from './suggest.ts'
import { formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'
import { routerFields } from './schema.ts'
import { translationOf } from './translation-policy.ts'
import type { DriverRegistry, RouterSettings, RouterTarget } from './types.ts'

/** Undefined, with at least one problem added, when it is not usable. */
export function readRouter(
  name: string,
  entry: Readonly<Record<string, unknown>>,
  document: ConfigDocument,
  registry: DriverRegistry,
  problems: ConfigProblem[],
): RouterSettings | undefined {
  const path: ConfigPath = ['routers', name]
  const before = problems.length
  const fields = routerFields.safeParse(entry)
  if (!fields.success) problems.push(...problemsOf(fields.error, { document, schema: routerFields, path }))

  const wanted = entry['strategy']
  const strategy = registry.strategies.find((candidate) => candidate.id === wanted)
  if (strategy === undefined) {
    if (typeof wanted === 'string') problems.push(unknownStrategy(wanted, [...path, 'strategy'], document, registry))
    return undefined
  }
  if (!fields.success) return undefined

  const schema =
    strategy.targetOptions instanceof z.ZodObject ? strategy.targetOptions.strict() : strategy.targetOptions
  const targets: RouterTarget[] = []
  fields.data.targets.forEach((given, index) => {
    const { target, ...rest } = typeof given === 'string' ? { target: given } : given
    const options = schema.safeParse(rest)
    if (options.success) targets.push({ target, options: options.data })
    else {
      const at = [...path, 'targets', index]
      problems.push(...problemsOf(options.error, { document, schema, path: at, alsoKnown: ['target'] }))
    }
  })
  return problems.length > before ? undefined : { name, strategy: strategy.id, targets, ...translationOf(fields.data) }
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
