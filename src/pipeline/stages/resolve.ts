/** Finds the route of the model that was asked for, and whether this key may take it. */
import type { Exchange } from '../../kernel/exchange.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Route } from '../../kernel/route.ts'
import type { Plan, Unresolved } from '../../kernel/plan.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault } from '../../model/fault.ts'
import type { Key, KeyPolicy } from '../../model/key.ts'
import { isVirtualModel } from '../../model/virtual-model.ts'
import { editedBody } from '../edited-body.ts'
import { matchesAny } from '../name-pattern.ts'
import { mayUse } from '../may-use.ts'
import { ownRoute } from '../own-router.ts'
import type { OwnedModels } from '../owned-models.ts'
import { requireAnyWithin } from '../within-residency.ts'

export function resolve(owned: OwnedModels): Stage {
  return {
    name: 'resolve',
    run(exchange, next) {
      if (exchange.surface.operation === 'moderate' && exchange.head.model === '') nameModel(exchange)
      const { model } = exchange.head
      const route = ownRouteOf(exchange, owned) ?? modelFor(exchange.plan, exchange.key, model, owned).route
      if (
        !route.deployments.some((deployment) => servesOperation(deployment, exchange.surface.operation)) &&
        exchange.surface.operation !== 'count-tokens'
      ) {
        throw new Fault(
          'operation_not_supported',
          `The model "${shown(model)}" does not serve ${exchange.surface.operation}.`,
          { param: 'model' },
        )
      }
      requireAllowedModels(exchange, route)
      exchange.route = route
      requireAnyWithin(exchange, route)
      return next()
    },
  }
}

function ownRouteOf(exchange: Exchange, owned: OwnedModels): Route | undefined {
  const route = ownRoute(exchange)
  if (route !== undefined && owned.isClosedTo(exchange.plan, exchange.key?.id ?? '', route))
    throw new Fault('model_not_found', 'The router of the request leads to a model that does not exist for this key.', {
      param: 'router',
    })
  return route
}

/** What services that lead on to others take, to ask further models of theirs. */
const otherModels = ['models', 'fallbacks', 'preset'] as const

/** A key that may use some models alone must not name others beside the one that it was let through for. */
function requireAllowedModels({ key, body, surface }: Exchange, { deployments }: Route): void {
  if (key === undefined || surface.operation !== 'chat' || matchesAny(key.policy.models, '*')) return
  const { models } = key.policy
  const spans = body.spans()
  const isAllowed = (name: unknown): boolean =>
    typeof name === 'string' && deployments.every(({ provider }) => matchesAny(models, `${provider}/${name}`))
  const member = otherModels.find(
    (name) => spans.get(name) !== undefined && !namesIn(spans.json(name)).every(isAllowed),
  )
  if (member !== undefined)
    throw new Fault(
      'model_not_allowed',
      `The key "${key.name}" may not use every model that its request names in \`${member}\`. GET /v1/models lists what it may use.`,
      { param: member },
    )
}

const namesIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

/** The route of a name for this key. Throws a Fault where there is none that it may take. */
export function modelFor(
  plan: Plan,
  key: Key | undefined,
  model: string,
  owned: OwnedModels,
): { readonly route: Route } {
  const owner = key?.id ?? ''
  const own = owned.routeOf(plan, owner, model)
  if (own !== undefined) return { route: own }
  const route = routeFor(plan, key?.policy, model)
  // A key that may not use a model is not told whether it exists.
  if (key !== undefined && !mayUse(key.policy, model, route)) {
    throw new Fault(
      'model_not_allowed',
      `The key "${key.name}" may not use the model "${shown(model)}". GET /v1/models lists what it may use.`,
      { param: 'model' },
    )
  }
  if (route === undefined || owned.isClosedTo(plan, owner, route)) throw unknownModel(plan, key, model)
  return { route }
}

/** Clients of moderation may leave the model to the service: the configuration says which that is. */
function nameModel(exchange: Exchange): void {
  const model = exchange.plan.moderationModel
  exchange.head = { ...exchange.head, model }
  exchange.body = editedBody(exchange, { model: JSON.stringify(model) })
}

/** The route of a name; where it can mean several deployments the one of them that the key may use, if it is only one. */
export function routeFor(plan: Plan, policy: KeyPolicy | undefined, name: string): Route | undefined {
  const route = plan.resolve(name)
  if (route !== undefined || policy === undefined) return route
  const [only, ...others] = allowed(plan, policy, plan.unresolved(name).candidates)
  return only === undefined || others.length > 0 ? undefined : plan.resolve(only)
}

const allowed = (plan: Plan, policy: KeyPolicy | undefined, names: readonly string[]): readonly string[] =>
  names.filter((name) => policy === undefined || mayUse(policy, name, plan.resolve(name)))

function unknownModel(plan: Plan, key: Key | undefined, model: string): Fault {
  const { candidates, ...home } = plan.unresolved(model)
  const meant = allowed(plan, key?.policy, candidates)
  if (meant.length > 1)
    return new Fault(
      'ambiguous_model',
      `"${shown(model)}" can mean ${inQuotes(meant)}. Ask for one of them by that name.`,
      {
        param: 'model',
      },
    )
  if (isVirtualModel(model))
    return new Fault(
      'model_not_found',
      `"${model}" is switched off, or has fewer than two models to choose from: those whose quality is known (\`quality\` of the configuration), or \`virtual_models.candidates\`.`,
      { param: 'model' },
    )
  const near = allowed(plan, key?.policy, plan.nearest(shown(model))).slice(0, 3)
  const hints = [
    ...(near.length > 0 ? [`Did you mean ${inQuotes(near, ', ')}?`] : []),
    ...homeHint(home, allowed(plan, key?.policy, home.ask === undefined ? [] : [home.ask]).length > 0),
  ]
  const hint = hints.length > 0 ? hints.join(' ') : 'GET /v1/models lists the models there are.'
  return new Fault('model_not_found', `There is no model, alias or router named "${shown(model)}". ${hint}`, {
    param: 'model',
  })
}

/** What is newer than the gateway can be asked for all the same; what has no provider here needs one. */
function homeHint({ maker, driver, ask }: Omit<Unresolved, 'candidates'>, mayAsk: boolean): string[] {
  if (maker === undefined) return []
  if (ask === undefined)
    return [`It looks like a model of ${maker}, which needs a provider that uses "${driver ?? ''}".`]
  return mayAsk ? [`If ${maker} has it, "${shown(ask)}" asks for it there.`] : []
}

const inQuotes = (names: readonly string[], last = ' or '): string => {
  const quoted = names.slice(0, 5).map((name) => `"${shown(name)}"`)
  return quoted.length === 1 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')}${last}${quoted.at(-1) ?? ''}`
}

/** A name as it may stand in a message: whoever sends a megabyte for a name gets back the beginning of it. */
const shown = (name: string): string => (name.length > 120 ? `${name.slice(0, 120)}…` : name)
