/**
 * Compiles a checked configuration into the plan: names to routes, routes to deployments. Compiling is pure but for the transports
 * it is given, so a reload builds the new plan beside the old one and swaps them in one assignment.
 */
import { nearest } from '../../model/nearest.ts'
import type { Config, ProviderSettings, RouterSettings, StandInSettings } from '../../config/types.ts'
import { fallbackReasons } from '../../kernel/route.ts'
import type { FallbackReason, Route, RouteAdviser } from '../../kernel/route.ts'
import type { InlineRoute, ListedModel, Plan, Unresolved } from '../../kernel/plan.ts'
import type { PassTarget } from '../../kernel/passage.ts'
import type { Provider } from '../../kernel/provider.ts'
import type { ProviderAccount } from '../../kernel/provider-account.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import { targetIds } from '../../kernel/strategy.ts'
import type { Strategy, StrategyPlace } from '../../kernel/strategy.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { Fault } from '../../model/fault.ts'
import { placeOf } from '../../model/place.ts'
import type { Place, Residency } from '../../model/place.ts'
import { isVirtualModel } from '../../model/virtual-model.ts'
import type { VirtualModel } from '../../model/virtual-model.ts'
import { matchesAny } from '../name-pattern.ts'
import { orderVirtual } from '../virtual/order-virtual.ts'
import { NameFinder } from '../names/name-finder.ts'
import type { NamedProvider } from '../names/name-finder.ts'
import { compilePassTarget } from '../pass-through/pass-target.ts'
import { compileAccounts } from './compile-accounts.ts'
import { compileLeaf } from './compile-deployment.ts'
import type { DeploymentContext } from './compile-deployment.ts'
import { advisersOf, branchOf, leavesOf, routeOf, withLeaves } from './route-tree.ts'
import type { Branch, BranchTarget, Leaf, RouteNode, RoutePolicy, TreeContext } from './route-tree.ts'

/** Models that providers were found to have by asking them; grows while a plan is in force. */
export interface DiscoveredModels {
  /** Changes whenever something new was found. */
  readonly version: number
  modelsOf(provider: string): readonly string[]
  /** Somebody asked for a name that nobody knows: a good moment to look again. */
  missed(): void
}

export interface PlanContext extends Omit<DeploymentContext, 'placeOf' | 'residency'>, TreeContext {
  readonly revision: number
  readonly providers: readonly Provider[]
  readonly strategies: readonly Strategy[]
  readonly discovered: DiscoveredModels
  /** Reads a router that a request brings, which `text` is as JSON; throws a Fault that says what is wrong with it. */
  readonly readRouter: (router: JsonObject, text: string) => RouterSettings
  /** Names of the models that the price data knows for a provider. */
  readonly knownModels: (pricesId: string) => readonly string[]
  /** Names of the models of a driver as the service writes them, as far as they are known; always the same list. */
  readonly catalogued: (driverId: string) => readonly string[]
  /** Where a strategy is compiled to; `settings` tells all that the router is configured to. */
  readonly place: (router: string, strategy: string, settings: string) => StrategyPlace
}

/** Names resolved and kept; clients choose the names, so there must be an end. */
const resolvedLimit = 10_000
/** Characters; far beyond any name there is. Longer ones are not even looked up, for what is looked up is kept. */
const longestName = 1024
const maxDepth = 10
/** Stands for the model of what is asked of a provider whatever the model. */
const noModel = '*'
/** Deployments that a virtual model chooses from. */
const mostCandidates = 60
/** Routers of requests that are kept compiled: they come again, and a strategy that takes turns has to remember whose turn it is. */
const inlineLimit = 500

export function compilePlan(config: Config, context: PlanContext): Plan {
  return new CompiledPlan(config, context)
}

class CompiledPlan implements Plan {
  readonly revision: number
  readonly retries: Plan['retries']
  readonly totalTimeout: number
  readonly responseLimit: number
  readonly messageLimit: number
  readonly mirrorLimit: number
  readonly translation: Plan['translation']
  readonly commit: number
  readonly structuredOutput: Plan['structuredOutput']
  readonly moderationModel: string
  readonly residency?: Residency
  readonly keepAlive?: number
  readonly #config: Config
  readonly #context: PlanContext & DeploymentContext
  readonly #drivers: ReadonlyMap<string, Provider>
  readonly #strategies: ReadonlyMap<string, Strategy>
  readonly #leaves = new Map<string, Leaf>()
  readonly #routes = new Map<string, Route>()
  readonly #inline = new Map<string, InlineRoute>()
  readonly #passTargets = new Map<string, PassTarget>()
  readonly #accounts = new Map<string, readonly ProviderAccount[]>()
  readonly #names: NameFinder
  #discoveredVersion: number
  /** As of a state of what was discovered. */
  #virtual: { readonly version: number; readonly names: readonly VirtualModel[] } | undefined

  constructor(config: Config, context: PlanContext) {
    this.#config = config
    if (config.residency !== undefined) this.residency = [config.residency]
    this.#context = { ...context, placeOf: (region) => this.placeOf(region), residency: this.residency }
    this.#drivers = new Map(context.providers.map((provider) => [provider.id, provider]))
    this.#strategies = new Map(context.strategies.map((strategy) => [strategy.id, strategy]))
    this.#discoveredVersion = context.discovered.version
    this.#names = new NameFinder(
      [...config.providers.values()].flatMap((settings) => this.#named(settings)),
      new Set(this.#drivers.keys()),
    )
    this.revision = context.revision
    this.retries = config.retries
    this.totalTimeout = config.timeouts.total
    this.responseLimit = config.limits.responseBytes
    this.messageLimit = config.limits.messages
    this.mirrorLimit = config.limits.mirrors
    this.translation = config.translation
    this.commit = config.streams.commit
    if (config.streams.keepAlive !== undefined) this.keepAlive = config.streams.keepAlive
    this.structuredOutput = config.structuredOutput
    this.moderationModel = config.moderation.model
    for (const settings of config.providers.values()) {
      const target = this.#passTarget(settings)
      if (target !== undefined) this.#passTargets.set(settings.name, target)
      const driver = this.#drivers.get(settings.use)
      if (driver?.files === undefined && driver?.fineTuning === undefined && driver?.adviser === undefined) continue
      const { variants } = compileLeaf(driver, settings, noModel, {}, this.#context)
      this.#accounts.set(settings.name, compileAccounts(driver, settings, variants, context))
    }
    // Compiled now, so that a configuration that cannot work is refused at load and not at the first request.
    for (const name of [...config.models.keys(), ...config.aliases.keys(), ...config.routers.keys()]) this.resolve(name)
    // And what is listed, because there is more to a deployment than requests for it: it is checked, too.
    for (const { name, models } of config.providers.values())
      for (const model of models?.keys() ?? []) this.#leaf(name, model)
  }

  get deployments(): Route['deployments'] {
    return [...this.#leaves.values()].flatMap(({ variants }) => variants)
  }

  resolve(name: string): Route | undefined {
    if (name.length > longestName) return undefined
    const { discovered } = this.#context
    if (discovered.version !== this.#discoveredVersion) {
      this.#discoveredVersion = discovered.version
      this.#routes.clear()
    }
    const known = this.#routes.get(name)
    if (known !== undefined) return known
    const node = this.#nodeOf(name, 0)
    if (node === undefined) {
      discovered.missed()
      return undefined
    }
    if (this.#routes.size >= resolvedLimit) this.#routes.clear()
    const route = routeOf(name, node, this.#context, this.#policyOf(name))
    this.#routes.set(name, route)
    return route
  }

  inline(router: JsonObject): InlineRoute {
    const text = JSON.stringify(router)
    const known = this.#inline.get(text)
    if (known !== undefined) return known
    const settings = this.#context.readRouter(router, text)
    const names = namesIn(settings)
    const missing = names.find((name) => this.resolve(name) === undefined)
    if (missing !== undefined) {
      const [likely] = this.nearest(missing)
      const hint = likely === undefined ? '' : ` Did you mean "${likely}"?`
      throw refused(
        `The request's own router names "${missing.slice(0, 120)}", which is no model, alias or router.${hint}`,
      )
    }
    // What it names may be large each: how large they are together is known before any of it is put together.
    const leaves = names.reduce((sum, name) => sum + (this.resolve(name)?.deployments.length ?? 0), 0)
    if (leaves > mostInlineLeaves)
      throw refused(
        `The request's own router leads to ${leaves} deployments; a request may bring a router that leads to ${mostInlineLeaves}.`,
      )
    const made = {
      route: routeOf('router', this.#compiledInline(settings), this.#context, this.#policy(settings)),
      names,
    }
    if (this.#inline.size >= inlineLimit) this.#inline.clear()
    this.#inline.set(text, made)
    return made
  }

  #compiledInline(settings: RouterSettings): Branch {
    try {
      return this.#branch(settings, 0)
    } catch (error) {
      if (error instanceof RangeError) throw refused(`The request's own router cannot be used: ${error.message}.`)
      throw error
    }
  }

  unresolved(name: string): Unresolved {
    if (name.length > longestName) return { candidates: [] }
    const candidates = this.#names.find(name).map(({ provider, model }) => `${provider}/${model}`)
    return { candidates, ...this.#names.homeOf(name) }
  }

  passThrough(provider: string): PassTarget | undefined {
    return this.#passTargets.get(provider)
  }

  accounts(provider: string): readonly ProviderAccount[] {
    return this.#accounts.get(provider) ?? []
  }

  placeOf(region: string): Place {
    return placeOf(region, this.#config.regions)
  }

  isConfigured(name: string): boolean {
    const { models, aliases, routers } = this.#config
    return models.has(name) || aliases.has(name) || routers.has(name)
  }

  unlisted(provider: string, model: string): Route | undefined {
    const leaf = this.#leaf(provider, model)
    return leaf === undefined ? undefined : routeOf(`${provider}/${model}`, leaf, this.#context)
  }

  #passTarget(settings: ProviderSettings): PassTarget | undefined {
    const driver = this.#drivers.get(settings.use)
    if (settings.passThrough === undefined || driver === undefined) return undefined
    const leaf = (model: string): Leaf => compileLeaf(driver, settings, model, {}, this.#context)
    return compilePassTarget(driver, settings, settings.passThrough, { ...this.#context, leaf })
  }

  nearest(name: string): string[] {
    return nearest(
      name,
      this.list().map(({ id }) => id),
      5,
    )
  }

  list(): readonly ListedModel[] {
    const { models, aliases, routers, providers } = this.#config
    const listed = new Map<string, ListedModel>()
    const add = (id: string, ownedBy: string) => {
      if (!listed.has(id)) listed.set(id, { id, ownedBy })
    }
    for (const [id, model] of models) add(id, model.deployments[0]?.provider ?? 'sluicegate')
    for (const id of [...aliases.keys(), ...routers.keys()]) add(id, 'sluicegate')
    for (const name of this.#virtualNames()) add(name, 'sluicegate')
    for (const settings of providers.values()) {
      for (const model of this.#modelsOf(settings)) add(`${settings.name}/${model}`, settings.name)
    }
    return [...listed.values()]
  }

  /** Models of a provider that are known by name; a provider without a list may have more. */
  #modelsOf(settings: ProviderSettings): readonly string[] {
    if (settings.models !== undefined) return [...settings.models.keys()]
    const driver = this.#drivers.get(settings.use)
    const discovered = this.#context.discovered.modelsOf(settings.name)
    if (discovered.length > 0) return discovered
    if (driver?.models !== undefined) return driver.models
    return driver?.prices === undefined ? [] : this.#context.knownModels(driver.prices)
  }

  #nodeOf(name: string, depth: number): RouteNode | undefined {
    if (depth > maxDepth) throw new RangeError(`routers are nested deeper than ${maxDepth} at "${name}"`)
    const { models, aliases, routers } = this.#config
    const model = models.get(name)
    if (model?.standIn !== undefined) {
      const node = this.#nodeOf(model.standIn.target, depth + 1)
      if (node === undefined) throw new RangeError(`model "${name}" names an unknown target "${model.standIn.target}"`)
      const { operation, by, batch } = model.standIn
      return standingIn(node, { operation, by, batch })
    }
    if (model !== undefined) {
      const nodes = model.deployments.map((deployment) => this.#leaf(deployment.provider, deployment.model, deployment))
      return inOrder(
        name,
        nodes.filter((node) => node !== undefined),
      )
    }
    const alias = aliases.get(name)
    if (alias !== undefined) return this.#nodeOf(alias, depth + 1)
    const router = routers.get(name)
    if (router !== undefined) return this.#branch(router, depth)
    if (isVirtualModel(name)) return this.#virtualBranch(name)
    return this.#providerModel(name) ?? this.#spelledOtherwise(name)
  }

  #branch(router: RouterSettings, depth: number, within = ''): Branch {
    if (depth > maxDepth) throw new RangeError(`routers are nested deeper than ${maxDepth} at "${router.name}"`)
    const strategy = this.#strategies.get(router.strategy)
    if (strategy === undefined)
      throw new RangeError(`router "${router.name}" names an unknown strategy "${router.strategy}"`)
    const path = `${within}${router.name}`
    const names = router.targets.map(({ target }) =>
      typeof target === 'string' ? target : `${router.name}/${target.name}`,
    )
    const ids = targetIds(names)
    const targets = router.targets.map(({ target, options, override }, index): BranchTarget => {
      const name = names[index] ?? ''
      const found =
        typeof target === 'string' ? this.#nodeOf(target, depth + 1) : this.#branch(target, depth + 1, `${path}/`)
      if (found === undefined) throw new RangeError(`router "${router.name}" names an unknown target "${name}"`)
      const node = override === undefined ? found : overridden(found, override)
      const shadow = strategy.isShadow?.(options) === true
      // It would have to be asked before the client is answered, and the client would pay for it.
      if (shadow && advisersOf(node).length > 0)
        throw new RangeError(`"${name}" in router "${router.name}" asks other models, so it cannot be a shadow`)
      return { id: ids[index] ?? name, options, node, leaves: leavesOf(node), shadow }
    })
    const place = this.#context.place(path, strategy.id, JSON.stringify(router))
    return branchOf(targets, (all) => strategy.compile(all, router.options, place), {
      label: `${router.name}:${strategy.id}`,
      atOnce: strategy.atOnce?.(router.options) ?? 1,
      advisers: this.#advisersOf(strategy, router, depth),
      ...(router.nearest === true && { nearest: true }),
      ...(router.residency !== undefined && { residency: [router.residency] }),
    })
  }

  /** Those that have something to choose from. */
  #virtualNames(): readonly VirtualModel[] {
    const { version } = this.#context.discovered
    if (this.#virtual?.version !== version) {
      const { virtualModels, routers, models, aliases } = this.#config
      const isFree = (name: string): boolean => !routers.has(name) && !models.has(name) && !aliases.has(name)
      const names = [...virtualModels.keys()].filter((name) => isFree(name) && this.#virtualBranch(name) !== undefined)
      this.#virtual = { version, names }
    }
    return this.#virtual.names
  }

  /** Undefined where it is switched off, or there is nothing to choose from. */
  #virtualBranch(name: VirtualModel): Branch | undefined {
    const settings = this.#config.virtualModels.get(name)
    if (settings === undefined) return undefined
    const targets = this.#candidates(settings.candidates).map((node): BranchTarget => ({
      id: node.variants[0]?.id ?? '',
      options: undefined,
      node,
      leaves: leavesOf(node),
    }))
    if (targets.length < 2) return undefined
    return { ...branchOf(targets, (all) => orderVirtual(name, all, settings), { label: name }), choosesFreely: true }
  }

  /** What is configured and can chat, the best of it where there is very much; each deployment once. */
  #candidates(patterns: readonly string[] | undefined): Leaf[] {
    const { models, providers } = this.#config
    const { qualityOf } = this.#context
    const found = new Map<string, { readonly leaf: () => Leaf | undefined; readonly quality: number }>()
    const consider = (provider: string, model: string, leaf: () => Leaf | undefined): void => {
      const id = `${provider}/${model}`
      const quality = qualityOf?.(id, model, 'chat') ?? qualityOf?.(id, model, 'code')
      const fits = patterns === undefined ? quality !== undefined : matchesAny(patterns, id)
      if (fits && !found.has(id)) found.set(id, { leaf, quality: quality ?? 0 })
    }
    for (const { deployments } of models.values())
      for (const deployment of deployments)
        consider(deployment.provider, deployment.model, () =>
          this.#leaf(deployment.provider, deployment.model, deployment),
        )
    for (const settings of providers.values())
      for (const model of this.#modelsOf(settings))
        consider(settings.name, model, () => this.#leaf(settings.name, model))
    return [...found.values()]
      .toSorted((a, b) => b.quality - a.quality)
      .slice(0, mostCandidates)
      .map(({ leaf }) => leaf())
      .filter((leaf) => leaf?.variants[0] !== undefined && servesOperation(leaf.variants[0], 'chat'))
      .filter((leaf) => leaf !== undefined)
  }

  #advisersOf(strategy: Strategy, { name, targets, options }: RouterSettings, depth: number): RouteAdviser[] {
    return (strategy.advisers?.(targets, options) ?? []).map(({ model, ...asked }) => {
      const node = this.#nodeOf(model, depth + 1)
      if (node === undefined) throw new RangeError(`router "${name}" is to ask an unknown model "${model}"`)
      return { ...asked, deployments: leavesOf(node) }
    })
  }

  /** What the model or router says that the name stands for; an alias speaks for what it names. */
  #policyOf(name: string): RoutePolicy {
    const { models, aliases, routers } = this.#config
    const alias = models.has(name) ? undefined : aliases.get(name)
    if (alias !== undefined) return this.#policyOf(alias)
    return this.#policy(models.get(name) ?? routers.get(name) ?? {})
  }

  #policy({ translation, answers }: Pick<RouterSettings, 'translation' | 'answers'>): RoutePolicy {
    const fallbacks: Partial<Record<FallbackReason, RouteNode>> = {}
    for (const reason of fallbackReasons) {
      const names = answers?.fallbacks[reason]
      const node = names && this.#inTurn(names, reason)
      if (node !== undefined) fallbacks[reason] = node
    }
    return {
      ...(translation !== undefined && { translation }),
      ...(answers?.commit !== undefined && { commit: answers.commit }),
      ...(answers !== undefined && { fallbacks }),
    }
  }

  /** Of these names, each as the fallback of those before it. */
  #inTurn(names: readonly string[], reason: FallbackReason): RouteNode {
    const targets = names.map((id): BranchTarget => {
      const node = this.#nodeOf(id, 0)
      if (node === undefined) throw new RangeError(`\`${reason}_fallbacks\` names an unknown target "${id}"`)
      return { id, options: undefined, node, leaves: leavesOf(node) }
    })
    return branchOf(targets, (all) => () => all, { label: reason })
  }

  /** `provider/model`: everything behind the first slash is the provider's own name, slashes included. */
  #providerModel(name: string): Leaf | undefined {
    const slash = name.indexOf('/')
    if (slash <= 0 || slash === name.length - 1) return undefined
    const settings = this.#config.providers.get(name.slice(0, slash))
    if (settings === undefined) return undefined
    const model = this.#names.modelAt(settings.name, name.slice(slash + 1))
    return model === undefined ? undefined : this.#leaf(settings.name, model)
  }

  /** A name that does not say whose it is, or says it in other words; undefined also where it can mean several. */
  #spelledOtherwise(name: string): Leaf | undefined {
    const [found, ...others] = this.#names.find(name)
    return found === undefined || others.length > 0 ? undefined : this.#leaf(found.provider, found.model)
  }

  #named(settings: ProviderSettings): NamedProvider[] {
    const { name, models, options } = settings
    const driver = this.#drivers.get(settings.use)
    if (driver === undefined) return []
    const listed = models && [...models.keys()]
    const { region } = options as { readonly region?: unknown }
    return [
      {
        name,
        driver,
        ...(typeof region === 'string' && { region }),
        closed: listed !== undefined,
        has: (model) => this.#has(settings, model),
        ids: () => listed ?? this.#idsOf(settings, driver),
      },
    ]
  }

  #idsOf({ name }: ProviderSettings, driver: Provider): readonly string[] {
    const discovered = this.#context.discovered.modelsOf(name)
    if (discovered.length > 0 || driver.deploymentNames === true) return discovered
    return driver.models ?? this.#context.catalogued(driver.id)
  }

  #has(settings: ProviderSettings, model: string): boolean {
    if (settings.models !== undefined) return settings.models.has(model)
    if (this.#context.discovered.modelsOf(settings.name).includes(model)) return true
    const prices = this.#drivers.get(settings.use)?.prices
    return prices !== undefined && this.#context.priceOf(prices, model, this.#context.now()) !== undefined
  }

  #leaf(providerName: string, model: string, overrides: Parameters<typeof compileLeaf>[3] = {}): Leaf | undefined {
    const settings = this.#config.providers.get(providerName)
    const driver = settings === undefined ? undefined : this.#drivers.get(settings.use)
    if (settings === undefined || driver === undefined) return undefined
    const { prices, maxOutput, contextWindow, concurrency, supports } = overrides
    if ((prices ?? maxOutput ?? contextWindow ?? concurrency ?? supports) !== undefined)
      return compileLeaf(driver, settings, model, overrides, this.#context)
    const id = `${providerName}/${model}`
    let leaf = this.#leaves.get(id)
    if (leaf === undefined) {
      if (this.#leaves.size >= resolvedLimit) this.#leaves.clear()
      leaf = compileLeaf(driver, settings, model, {}, this.#context)
      this.#leaves.set(id, leaf)
    }
    return leaf
  }
}

/** The same tree, each of whose leaves serves the one operation alone. */
const standingIn = (node: RouteNode, standIn: Omit<StandInSettings, 'target'>): RouteNode =>
  withLeaves(node, (deployment) => ({ ...deployment, standIn: { ...standIn, deployment } }))

/** The same tree, each of whose leaves is sent other settings. What an inner router says comes before what an outer one does. */
function overridden(node: RouteNode, override: Readonly<Record<string, JsonValue>>): RouteNode {
  const overrides = Object.fromEntries(
    Object.entries(override).map(([name, value]) => [name, value === null ? undefined : JSON.stringify(value)]),
  )
  return withLeaves(node, (deployment) => ({ ...deployment, overrides: { ...overrides, ...deployment.overrides } }))
}

/** The deployments of one model stand in the order of the configuration. */
function inOrder(name: string, nodes: readonly Leaf[]): RouteNode | undefined {
  const [only] = nodes
  if (nodes.length <= 1) return only
  const targets = nodes.map((node, index) => ({
    id: `${name}#${index}`,
    options: undefined,
    node,
    leaves: leavesOf(node),
  }))
  return branchOf(targets, (all) => () => all)
}

/** Every name that a router leads to, those of routers within it included. */
export function namesIn({ targets, answers }: RouterSettings): string[] {
  return [
    ...targets.flatMap(({ target }) => (typeof target === 'string' ? [target] : namesIn(target))),
    ...Object.values(answers?.fallbacks ?? {}).flat(),
  ]
}

/** Deployments that a request's own router may lead to, counted as often as it names them. */
const mostInlineLeaves = 5000

const refused = (message: string): Fault => new Fault('invalid_request', message, { param: 'router' })
