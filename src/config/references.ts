/**
 * Checks that every name in a configuration leads somewhere: deployments to providers, aliases and targets to models, and none of
 * them in a circle. It reads the values as they were written, so it also finds what is wrong where a schema failed elsewhere.
 */
import type { ConfigDocument } from './document.ts'
import { nearest } from '../model/nearest.ts'
import { isVirtualModel } from '../model/virtual-model.ts'
import { standInTargets } from './stand-in.ts'
import { suggest } from './suggest.ts'
import { formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'

type Raw = Readonly<Record<string, unknown>>

const mapOf = (value: unknown): Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {}
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

interface Edge {
  readonly to: string
  readonly path: ConfigPath
  /** Levels of routers that it goes down. */
  readonly levels?: number
}

/** Levels of routers and aliases, one below the other. */
const deepest = 10

export interface ReferenceFindings {
  readonly problems: ConfigProblem[]
  readonly warnings: ConfigProblem[]
}

export function checkReferences(document: ConfigDocument): ReferenceFindings {
  const root = mapOf(document.value)
  const providers = mapOf(root['providers'])
  const named = { model: mapOf(root['models']), alias: mapOf(root['aliases']), router: mapOf(root['routers']) }
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []

  const finding = (path: ConfigPath, of: 'key' | 'value', message: string, hint?: string): ConfigProblem => ({
    path: formatPath(path),
    ...document.place(path, of),
    message,
    ...(hint === undefined ? {} : { hint }),
  })

  /** Name → what it is. */
  const kinds = new Map<string, string>()
  for (const [kind, section] of [
    ['model', 'models'],
    ['alias', 'aliases'],
    ['router', 'routers'],
  ] as const) {
    for (const name of Object.keys(named[kind])) {
      const other = kinds.get(name)
      if (other === undefined) kinds.set(name, kind)
      else
        problems.push(
          finding([section, name], 'key', `is already the name of ${other === 'alias' ? 'an' : 'a'} ${other}`),
        )
    }
  }

  /** Models that a provider lists, or undefined when it lists none and so takes any. */
  const listed = (provider: string): string[] | undefined => {
    const models = mapOf(providers[provider])['models']
    if (Array.isArray(models)) return models.filter((model) => typeof model === 'string')
    return models === undefined || models === null ? undefined : Object.keys(mapOf(models))
  }
  const listedNames = Object.keys(providers).flatMap((provider) =>
    (listed(provider) ?? []).map((model) => ({ model, full: `${provider}/${model}` })),
  )

  const checkListed = (provider: string, model: string, path: ConfigPath): void => {
    const models = listed(provider)
    if (models === undefined || models.includes(model) || document.secret(path)) return
    warnings.push(finding(path, 'value', `provider \`${provider}\` does not list this model`, suggest(model, models)))
  }

  const checkProvider = (name: unknown, path: ConfigPath, of: 'key' | 'value'): name is string => {
    if (typeof name !== 'string') return false
    if (Object.hasOwn(providers, name)) return true
    if (document.secret(path)) problems.push(finding(path, of, 'names no configured provider'))
    else problems.push(finding(path, of, `no provider is called \`${name}\``, suggest(name, Object.keys(providers))))
    return false
  }

  /** Checks the name of a model, alias or router, or `provider/model`. */
  const checkTarget = (name: unknown, path: ConfigPath): void => {
    if (typeof name !== 'string' || kinds.has(name) || isVirtualModel(name)) return
    const slash = name.indexOf('/')
    const provider = slash < 0 ? '' : name.slice(0, slash)
    if (slash > 0 && slash < name.length - 1 && Object.hasOwn(providers, provider)) {
      checkListed(provider, name.slice(slash + 1), path)
      return
    }
    const message = 'leads nowhere: it is no model, alias or router, and no `provider/model` of a configured provider'
    problems.push(finding(path, 'value', message, document.secret(path) ? undefined : meant(name, provider)))
  }

  const meant = (name: string, provider: string): string | undefined => {
    const exact = listedNames.find((entry) => entry.model === name)
    if (exact !== undefined) return `write \`${exact.full}\``
    const [likely] = provider === '' ? [] : nearest(provider, Object.keys(providers))
    if (likely !== undefined && likely !== provider)
      return `did you mean \`${likely}/${name.slice(provider.length + 1)}\`?`
    return suggest(name, [...kinds.keys(), ...listedNames.map((entry) => entry.full)])
  }

  for (const [name, model] of Object.entries(named.model)) {
    listOf(mapOf(model)['deployments']).forEach((deployment, index) => {
      const path = ['models', name, 'deployments', index]
      const { provider, model: upstream } = mapOf(deployment)
      if (checkProvider(provider, [...path, 'provider'], 'value') && typeof upstream === 'string') {
        checkListed(provider, upstream, [...path, 'model'])
      }
    })
  }
  for (const name of Object.keys(mapOf(root['prices']))) {
    if (name.includes('/')) checkProvider(name.slice(0, name.indexOf('/')), ['prices', name], 'key')
  }

  const edges = new Map<string, Edge[]>()
  for (const [name, model] of Object.entries(named.model)) {
    for (const [section, member] of standInTargets) {
      const to = mapOf(mapOf(model)[section])[member]
      const path = ['models', name, section, member]
      checkTarget(to, path)
      if (typeof to === 'string') edges.set(name, [...(edges.get(name) ?? []), { to, path }])
    }
  }
  for (const [name, target] of Object.entries(named.alias)) {
    const path = ['aliases', name]
    checkTarget(target, path)
    if (typeof target === 'string') edges.set(name, [{ to: target, path }])
  }
  for (const [name, router] of Object.entries(named.router)) {
    const targets = [...targetsWithin(router, ['routers', name], 1), ...advisersWithin(router, ['routers', name])]
    for (const { to, path } of targets) checkTarget(to, path)
    edges.set(name, [...(edges.get(name) ?? []), ...targets])
  }
  const circles = findCircles(edges)
  for (const { names, path } of circles) {
    problems.push(finding(path, 'value', `goes round in a circle: ${names.join(' → ')}`))
  }
  if (circles.length === 0)
    for (const { name, path } of tooDeep(edges, Object.keys(named.router))) {
      problems.push(
        finding(path, 'value', `leads from \`${name}\` down more than ${deepest} levels of routers and aliases`),
      )
    }

  listOf(root['keys']).forEach((key, index) => {
    listOf(mapOf(key)['models']).forEach((pattern, at) => {
      const path = ['keys', index, 'models', at]
      if (
        typeof pattern !== 'string' ||
        /[*?/]/.test(pattern) ||
        kinds.has(pattern) ||
        isVirtualModel(pattern) ||
        document.secret(path)
      )
        return
      warnings.push(
        finding(path, 'value', 'allows nothing: no model, alias or router has this name', meant(pattern, '')),
      )
    })
  })
  return { problems, warnings }
}

/** What the targets of a router name, those of routers within it included. */
function targetsWithin(router: unknown, path: ConfigPath, levels: number): Edge[] {
  return listOf(mapOf(router)['targets']).flatMap((given, index): Edge[] => {
    const at = [...path, 'targets', index]
    if (typeof given === 'string') return [{ to: given, path: at, levels }]
    if ('strategy' in mapOf(given)) return targetsWithin(given, at, levels + 1)
    const { target } = mapOf(given)
    if (typeof target === 'string') return [{ to: target, path: [...at, 'target'], levels }]
    return targetsWithin(target, [...at, 'target'], levels + 1)
  })
}

/** Models that strategies ask before they decide. */
const advisers = ['embeddings', 'judge'] as const

function advisersWithin(router: unknown, path: ConfigPath): Edge[] {
  const own = advisers.flatMap((member): Edge[] => {
    const to = mapOf(router)[member]
    return typeof to === 'string' ? [{ to, path: [...path, member] }] : []
  })
  const inner = listOf(mapOf(router)['targets']).flatMap((given, index): Edge[] => {
    const at = [...path, 'targets', index]
    if ('strategy' in mapOf(given)) return advisersWithin(given, at)
    return advisersWithin(mapOf(given)['target'], [...at, 'target'])
  })
  return [...own, ...inner]
}

/** Routers from which a way goes down too far, the outermost alone, with the first step of the way; `edges` have no circle. */
function tooDeep(
  edges: ReadonlyMap<string, readonly Edge[]>,
  routers: readonly string[],
): { name: string; path: ConfigPath }[] {
  const known = new Map<string, number>()
  /** Looks no further than `most` levels: a chain of aliases may be as long as the file. */
  const depthOf = (name: string, most: number): number => {
    if (most <= 0) return 0
    const key = `${most} ${name}`
    let depth = known.get(key)
    if (depth === undefined) {
      depth = Math.max(0, ...(edges.get(name) ?? []).map(({ to, levels = 1 }) => levels + depthOf(to, most - levels)))
      known.set(key, depth)
    }
    return depth
  }
  const tooFar = routers.filter((name) => depthOf(name, deepest + 1) > deepest)
  const inner = new Set(tooFar.flatMap((name) => (edges.get(name) ?? []).map(({ to }) => to)))
  return tooFar
    .filter((name) => !inner.has(name))
    .flatMap((name) => {
      const edge = (edges.get(name) ?? []).find(
        ({ to, levels = 1 }) => levels + depthOf(to, deepest + 1 - levels) > deepest,
      )
      return edge === undefined ? [] : [{ name, path: edge.path }]
    })
}

/** Every circle that a walk along the edges closes, once, with the names along it and the place of the edge that closes it. */
function findCircles(edges: ReadonlyMap<string, readonly Edge[]>): { names: string[]; path: ConfigPath }[] {
  const circles: { names: string[]; path: ConfigPath }[] = []
  const done = new Set<string>()
  for (const start of edges.keys()) {
    if (done.has(start)) continue
    // A stack of its own instead of recursion: a chain of aliases may be as long as the file.
    const trail = [{ name: start, next: 0 }]
    const onTrail = new Set([start])
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const edge = edges.get(top.name)?.[top.next]
      top.next += 1
      if (edge === undefined) {
        done.add(top.name)
        onTrail.delete(top.name)
        trail.pop()
      } else if (onTrail.has(edge.to)) {
        const names = trail.map((step) => step.name)
        circles.push({ names: [...names.slice(names.indexOf(edge.to)), edge.to], path: edge.path })
      } else if (edges.has(edge.to) && !done.has(edge.to)) {
        trail.push({ name: edge.to, next: 0 })
        onTrail.add(edge.to)
      }
    }
  }
  return circles
}
