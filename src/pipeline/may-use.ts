/** Whether a key may use what a name leads to. */
import type { Deployment } from '../kernel/deployment.ts'
import type { Route } from '../kernel/route.ts'
import type { KeyPolicy } from '../model/key.ts'
import { matchesAny } from './name-pattern.ts'

/** The key names the model itself, or everything that the name can lead to. */
export function mayUse(policy: KeyPolicy, name: string, route: Route | undefined): boolean {
  if (matchesAny(policy.models, name)) return true
  if (route === undefined || route.deployments.length === 0) return false
  const allowed = ({ id }: Deployment): boolean => matchesAny(policy.models, id)
  return route.choosesFreely === true ? route.deployments.some(allowed) : route.deployments.every(allowed)
}
