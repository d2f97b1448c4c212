/** Compiles what the configuration says of a provider's pass-through: its address, what may pass, what is metered, and the prices. */
import type { PassThroughSettings, ProviderSettings } from '../../config/types.ts'
import type { AnyDialect, Deployment } from '../../kernel/deployment.ts'
import type { Route } from '../../kernel/route.ts'
import type { PassPlace, PassTarget } from '../../kernel/passage.ts'
import type { Provider } from '../../kernel/provider.ts'
import { freeOfCharge } from '../../model/price.ts'
import type { PriceSheet } from '../../model/price.ts'
import { matchesAny } from '../name-pattern.ts'
import { routeOf } from '../plan/route-tree.ts'
import type { Leaf, TreeContext } from '../plan/route-tree.ts'
import { OfferPaths } from './offer-paths.ts'
import { belowBase, checkedPath, comparablePath } from './pass-path.ts'

export interface PassTargetContext extends TreeContext {
  readonly dialect: (id: string) => AnyDialect
  /** The provider's deployment of a model of this name. */
  readonly leaf: (model: string) => Leaf
}

/** Models whose routes are kept; clients choose the names. */
const mostRoutes = 1000

/** What stands for the model of a request that is not about one. */
const noModel = '*'

export function compilePassTarget(
  provider: Provider,
  settings: ProviderSettings,
  rules: PassThroughSettings,
  context: PassTargetContext,
): PassTarget {
  const { name, options } = settings
  const base = new URL(provider.baseUrl(options))
  const prefix = base.pathname.replace(/\/$/, '')
  const offers = provider.offersOf?.(options) ?? provider.offers
  const primary = context.dialect(settings.protocol ?? offers[0]?.dialect ?? 'openai-chat')
  const allowed = rules.paths?.map((pattern) => patternBelow(prefix, pattern))
  // A service of several calls for one answer is metered by those alone: the call of a client is not the whole of it.
  const plain = context.leaf(noModel).variants.some(({ transport }) => transport.plain !== undefined)
  const offered = new OfferPaths(plain ? [] : offers, context.dialect)
  const perRequest = rules.price === undefined ? undefined : { ...freeOfCharge('config'), request: rules.price.request }
  const routes = new Map<string, Route>()

  const routeTo = (model: string | undefined): Route => {
    const leaf = context.leaf(model ?? noModel)
    const variants = leaf.variants.map((variant) =>
      model === undefined
        ? withoutModel(variant, perRequest ?? freeSheet(provider, settings))
        : withPrice(variant, perRequest),
    )
    return routeOf(`${name}/${model ?? noModel}`, { ...leaf, variants }, context)
  }

  return {
    provider: name,
    origin: base.origin,
    search: base.search.slice(1),
    dialect: primary,
    place(method, path): PassPlace {
      const below = belowBase(prefix, path)
      const readable = checkedPath(below)
      const comparable = comparablePath(readable)
      const permitted =
        allowed === undefined ||
        // However the provider reads it: patterns hold for the path as it stands and for what it means.
        [below, readable, comparable].every((spelling) => mayPass(allowed, method, spelling))
      return {
        path: `${prefix}${below}`,
        permitted,
        metered: method === 'POST' ? offered.find(comparable) : undefined,
      }
    },
    route(model) {
      const key = model ?? ''
      let route = routes.get(key)
      if (route === undefined) {
        if (routes.size >= mostRoutes) routes.clear()
        route = routeTo(model)
        routes.set(key, route)
      }
      return route
    },
  }
}

/** `GET /files*` or `/files*`: the method is kept before the path, so that one pattern says both. */
function patternBelow(prefix: string, pattern: string): string {
  const space = pattern.indexOf(' ')
  const method = space === -1 ? '*' : pattern.slice(0, space)
  return `${method} ${belowBase(prefix, pattern.slice(space + 1))}`
}

const mayPass = (allowed: readonly string[], method: string, path: string): boolean =>
  matchesAny(allowed, `${method} ${path}`)

const freeSheet = (provider: Provider, { options }: ProviderSettings): PriceSheet | undefined =>
  provider.free?.(options) === true ? freeOfCharge(provider.id) : undefined

/** Only the request itself has a price. */
function withoutModel(variant: Deployment, price: PriceSheet | undefined): Deployment {
  return { ...variant, priceAt: () => price }
}

/** A model without a price of its own costs what any request does. */
function withPrice(variant: Deployment, price: PriceSheet | undefined): Deployment {
  return price === undefined ? variant : { ...variant, priceAt: (at) => variant.priceAt(at) ?? price }
}
