/** A router that the request itself brings, as `router` in its body beside the model: for keys that may. */
import type { Exchange } from '../kernel/exchange.ts'
import type { Route } from '../kernel/route.ts'
import { Fault } from '../model/fault.ts'
import { isJsonObject } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import { editedBody } from './edited-body.ts'
import { mayUse } from './may-use.ts'

/** Undefined where it brings none. Takes it out of the body, which goes to providers. */
export function ownRoute(exchange: Exchange): Route | undefined {
  const router = routerIn(exchange)
  if (router === undefined) return undefined
  const { key, plan } = exchange
  if (key !== undefined && key.policy.inlineRouters !== true)
    throw new Fault(
      'router_not_allowed',
      `The key "${key.name}" may not bring routers of its own. Name a router that is configured, or let the key: \`inline_routers: true\`.`,
      { param: 'router' },
    )
  const { route, names } = plan.inline(router)
  const forbidden = key === undefined ? undefined : names.find((name) => !mayUse(key.policy, name, plan.resolve(name)))
  if (key !== undefined && forbidden !== undefined)
    throw new Fault('model_not_allowed', `The key "${key.name}" may not use the model "${forbidden}" of its router.`, {
      param: 'router',
    })
  // What other requests cost is told by their own members alone.
  if (exchange.surface.operation !== 'chat' && route.deployments.some(({ overrides }) => overrides !== undefined))
    throw new Fault('invalid_request', 'A router of a request may have `override` in chat requests alone.', {
      param: 'router',
    })
  exchange.body = editedBody(exchange, { router: undefined })
  return route
}

/** Other services have a `router` too: ours has a strategy, or targets at least. */
function routerIn({ body }: Exchange): JsonObject | undefined {
  const router = body.member('router')
  return isJsonObject(router) && ('strategy' in router || 'targets' in router) ? router : undefined
}
