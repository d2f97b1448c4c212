/** Whether a key may use what a name leads to. */
import type { Route } from '../kernel/route.ts'
import type { KeyPolicy } from '../model/key.ts'
import { matchesAny } from './name-pattern.ts'

/** The key names the model itself, or everything that the name can lead to. */
export function mayUse(policy: KeyPolicy, name: string, route: Route | undefined): boolean {
  if (matchesAny(policy.models, name)) return true
  return (
    route !== undefined &&
    route.deployments.length > 0 &&
    route.deployments.every(({ id }) => matchesAny(policy.models, id))
  )
}
