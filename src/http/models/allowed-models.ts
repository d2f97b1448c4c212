/** The models that a key may use, for every protocol's own list of them. */
import type { ModelFacts } from '../../control/catalog/catalog-file.ts'
import { servesOperation } from '../../kernel/deployment.ts'
import type { Route as ModelRoute } from '../../kernel/route.ts'
import type { ListedModel, Plan } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'
import { keeps } from '../../model/place.ts'
import { routeFor } from '../../pipeline/stages/resolve.ts'
import { mayUse } from '../../pipeline/may-use.ts'
import type { OwnedModels } from '../../pipeline/owned-models.ts'

/** Models have no date of their own here; clients want one that does not change. Unix seconds. */
export const modelsCreated = 1_735_689_600

export function allowedModels(plan: Plan, key: Key | undefined, owned: OwnedModels): ListedModel[] {
  const owner = key?.id ?? ''
  const own = owned.list(plan, owner)
  const names = new Set(own.map(({ id }) => id))
  const others = plan.list().filter(({ id }) => {
    if (names.has(id)) return false
    const route = plan.resolve(id)
    if (route !== undefined && owned.isClosedTo(plan, owner, route)) return false
    return (key === undefined || mayUse(key.policy, id, route)) && isWithin(plan, key, route)
  })
  return [...others, ...own]
}

/** What has no deployment where requests of the key may be processed is of no use to it. */
function isWithin({ residency: all = [] }: Plan, key: Key | undefined, route: ModelRoute | undefined): boolean {
  const own = key?.policy.residency
  const residency = [...all, ...(own === undefined ? [] : [own]), ...(route?.residency ?? [])]
  return residency.length === 0 || route === undefined || route.deployments.some(({ place }) => keeps(residency, place))
}

/** Its provider makes vectors, and it is not known to be a model for something else. */
export const embeds = (route: ModelRoute | undefined, { task = 'embedding' }: ModelFacts): boolean =>
  task === 'embedding' && (route?.deployments.some((deployment) => servesOperation(deployment, 'embed')) ?? false)

/** One model by name, listed or not; throws a Fault when there is none that the key may use. */
export function allowedModel(
  plan: Plan,
  key: Key | undefined,
  id: string,
  owned: OwnedModels,
): { listed: ListedModel; route: ModelRoute } {
  const owner = key?.id ?? ''
  const own = owned.routeOf(plan, owner, id)
  const route = own ?? routeFor(plan, key?.policy, id)
  const closed = route !== undefined && owned.isClosedTo(plan, owner, route)
  if (route === undefined || closed || (own === undefined && key !== undefined && !mayUse(key.policy, id, route))) {
    throw new Fault(
      'model_not_found',
      `There is no model named ${JSON.stringify(id.slice(0, 120))} that this key may use. GET /v1/models lists them.`,
      { param: 'model' },
    )
  }
  const listed = plan.list().find((model) => model.id === id) ?? {
    id,
    ownedBy: route.deployments[0]?.provider ?? 'sluicegate',
  }
  return { listed, route }
}
