/** Routes that manage the gateway: for keys that may, or for everybody where no key is asked for. */
import { Fault } from '../../model/fault.ts'
import type { Route } from '../route.ts'

export function adminOnly(routes: readonly Route[], authRequired: () => boolean): Route[] {
  return routes.map((route) => ({
    ...route,
    handle(call) {
      const { key } = call
      if (key === undefined ? authRequired() : key.policy.admin !== true)
        throw new Fault(
          'admin_required',
          `The key${key === undefined ? '' : ` "${key.name}"`} may not manage the gateway. \`admin: true\` in the configuration, or \`sluicegate keys create NAME --admin\`, makes one that may.`,
        )
      return route.handle(call)
    },
  }))
}
