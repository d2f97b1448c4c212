/** `GET /api/virtual-models`: the built-in virtual models, what they choose from, and what came of it. */
import type { Plan } from '../../kernel/plan.ts'
import { formatUsd } from '../../model/money.ts'
import { taskClasses } from '../../model/task-class.ts'
import { isVirtualModel, virtualModels } from '../../model/virtual-model.ts'
import type { RouteUsage } from '../../stores/usage-store.ts'
import { sendJson } from '../fault-response.ts'
import type { Route } from '../route.ts'

export interface VirtualModelContext {
  readonly plan: () => Plan
  /** Since a moment in Unix milliseconds. */
  readonly usageSince: (from: number) => readonly RouteUsage[]
  /** Unix milliseconds. */
  readonly now: () => number
}

const monthMs = 30 * 86_400_000

export function virtualModelRoutes({ plan, usageSince, now }: VirtualModelContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/virtual-models',
      handle({ response, headers }) {
        const current = plan()
        const from = now() - monthMs
        const usage = usageSince(from)
        const data = current.list().flatMap(({ id }) => {
          const route = isVirtualModel(id) ? current.resolve(id) : undefined
          if (!isVirtualModel(id) || route?.choosesFreely !== true) return []
          const deployments = new Map(route.deployments.map((deployment) => [deployment.id, deployment]))
          return [
            {
              id,
              about: virtualModels[id],
              candidates: [...deployments.values()].map((deployment) => ({
                deployment: deployment.id,
                quality: Object.fromEntries(taskClasses.map((task) => [task, rounded(deployment.quality?.(task))])),
              })),
              since: new Date(from).toISOString(),
              served: usage.filter((row) => row.route.startsWith(`${id} > `)).map((row) => usageJson(row, id)),
            },
          ]
        })
        sendJson(response, 200, { object: 'list', data }, headers)
      },
    },
  ]
}

function usageJson({ route, requests, failed, answers, answerMs, cost, unpriced }: RouteUsage, id: string) {
  return {
    deployment: route.slice(id.length + ' > '.length),
    requests,
    failed,
    mean_ms: answers === 0 ? null : Math.round(answerMs / answers),
    cost_usd: formatUsd(cost),
    unpriced,
  }
}

const rounded = (mark: number | undefined): number | null => (mark === undefined ? null : Number(mark.toFixed(1)))
