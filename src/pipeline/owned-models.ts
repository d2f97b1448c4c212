/**
 * Models that belong to one client's key, because they were made of its data: nobody else sees them or may call them, whatever their own
 * keys say, unless the configuration names them for all.
 */
import type { ListedModel, Plan } from '../kernel/plan.ts'
import type { Route } from '../kernel/route.ts'

export interface OwnedModels {
  /** The route of a model of the owner's, by the name that its provider gave it, with or without the provider before it. */
  routeOf(plan: Plan, owner: string, name: string): Route | undefined
  /** Whether a route leads to what is somebody else's. */
  isClosedTo(plan: Plan, owner: string, route: Route): boolean
  /** The owner's, for lists. */
  list(plan: Plan, owner: string): ListedModel[]
}

interface Owned {
  readonly owner: string
  readonly provider: string
  readonly model: string
}

export class OwnedModelRegister implements OwnedModels {
  /** By `provider/model`. */
  readonly #all = new Map<string, Owned>()
  /** By owner and name, the way clients ask for them. */
  readonly #named = new Map<string, Owned>()

  add({ owner, provider, model }: Owned): void {
    const owned = { owner, provider, model }
    const id = `${provider}/${model}`
    if (this.#all.has(id)) return
    this.#all.set(id, owned)
    this.#named.set(named(owner, id), owned)
    if (!this.#named.has(named(owner, model))) this.#named.set(named(owner, model), owned)
  }

  routeOf(plan: Plan, owner: string, name: string): Route | undefined {
    if (this.#all.size === 0) return undefined
    const owned = this.#named.get(named(owner, name))
    if (owned === undefined || plan.isConfigured(name)) return undefined
    return plan.unlisted(owned.provider, owned.model)
  }

  isClosedTo(plan: Plan, owner: string, route: Route): boolean {
    if (this.#all.size === 0 || plan.isConfigured(route.name)) return false
    return route.deployments.some(({ id }) => {
      const owned = this.#all.get(id)
      return owned !== undefined && owned.owner !== owner
    })
  }

  list(plan: Plan, owner: string): ListedModel[] {
    const listed: ListedModel[] = []
    for (const [id, owned] of this.#all)
      if (owned.owner === owner && plan.unlisted(owned.provider, owned.model) !== undefined)
        listed.push({ id, ownedBy: owned.provider })
    return listed
  }
}

const named = (owner: string, name: string): string => `${owner} ${name}`
