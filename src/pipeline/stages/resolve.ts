/** Finds the route of the model that was asked for, and whether this key may take it. */
import type { Exchange } from '../../kernel/exchange.ts'
import type { Route } from '../../kernel/deployment.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault } from '../../model/fault.ts'
import type { KeyPolicy } from '../../model/key.ts'
import { matchesAny } from '../name-pattern.ts'

export const resolve: Stage = {
  name: 'resolve',
  run(exchange, next) {
    const { model } = exchange.head
    const route = exchange.plan.resolve(model)
    // A key that may not use a model is not told whether it exists.
    if (exchange.key !== undefined && !mayUse(exchange.key.policy, model, route)) {
      throw new Fault(
        'model_not_allowed',
        `The key "${exchange.key.name}" may not use the model "${shown(model)}". GET /v1/models lists what it may use.`,
        { param: 'model' },
      )
    }
    if (route === undefined) throw unknownModel(exchange)
    if (
      !route.deployments.some(({ endpoints }) => endpoints.has(exchange.surface.operation)) &&
      exchange.surface.operation !== 'count-tokens'
    ) {
      throw new Fault(
        'operation_not_supported',
        `The model "${shown(model)}" does not serve ${exchange.surface.operation}.`,
        { param: 'model' },
      )
    }
    exchange.route = route
    return next()
  },
}

/** The key names the model itself, or everything that the name can lead to. */
export function mayUse(policy: KeyPolicy, name: string, route: Route | undefined): boolean {
  if (matchesAny(policy.models, name)) return true
  return (
    route !== undefined &&
    route.deployments.length > 0 &&
    route.deployments.every(({ id }) => matchesAny(policy.models, id))
  )
}

function unknownModel(exchange: Exchange): Fault {
  const { model } = exchange.head
  const policy = exchange.key?.policy
  const near = exchange.plan
    .nearest(shown(model))
    .filter((name) => policy === undefined || mayUse(policy, name, exchange.plan.resolve(name)))
  const hint =
    near.length > 0
      ? ` Did you mean ${near
          .slice(0, 3)
          .map((name) => `"${name}"`)
          .join(', ')}?`
      : ' GET /v1/models lists the models there are.'
  return new Fault('model_not_found', `There is no model, alias or router named "${shown(model)}".${hint}`, {
    param: 'model',
  })
}

/** A name as it may stand in a message: whoever sends a megabyte for a name gets back the beginning of it. */
const shown = (name: string): string => (name.length > 120 ? `${name.slice(0, 120)}…` : name)
