/** Lets providers that compact conversations themselves do so: for them the request goes to its own path, as it is. */
import type { Deployment, Endpoint } from '../../kernel/deployment.ts'
import type { Decision } from '../../kernel/route.ts'
import type { Stage } from '../../kernel/stage.ts'

export const compactAtProvider: Stage = {
  name: 'compact-at-provider',
  run(exchange, next) {
    const { route, surface } = exchange
    if (route !== undefined) {
      const compacting = (deployment: Deployment): Deployment => {
        const endpoint = deployment.endpoints.get('chat')?.find(({ compactPath }) => compactPath !== undefined)
        const path = endpoint?.compactPath
        if (endpoint === undefined || path === undefined) return deployment
        const own: Endpoint = { ...endpoint, dialect: surface.dialect, path: () => path }
        return { ...deployment, endpoints: new Map([['chat', [own]]]) }
      }
      const originals = new Map<Deployment, Deployment>()
      const own = (deployment: Deployment): Deployment => {
        const made = compacting(deployment)
        originals.set(made, deployment)
        return made
      }
      const ownDecision = (decision: Decision): Decision => ({ targets: decision.targets.map(own) })
      exchange.route = {
        ...route,
        deployments: route.deployments.map(own),
        order(query) {
          const decision = route.order(query)
          return decision instanceof Promise ? decision.then(ownDecision) : ownDecision(decision)
        },
        pathOf: (deployment) => route.pathOf(originals.get(deployment) ?? deployment),
      }
    }
    return next()
  },
}
