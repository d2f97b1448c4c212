/** `GET /api/recommendations`: which models could be had as good for less, for each key that has asked enough. */
import { enoughRequests, recommend } from '../../control/quality/recommend.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { Key } from '../../model/key.ts'
import { formatUsd } from '../../model/money.ts'
import { matchesAny } from '../../pipeline/name-pattern.ts'
import type { UsageQuery, UsageRow } from '../../stores/usage-store.ts'
import { sendJson } from '../fault-response.ts'
import type { Route } from '../route.ts'

export interface RecommendationContext {
  readonly plan: () => Plan
  readonly summarize: (query: UsageQuery) => readonly UsageRow[]
  /** A key by its id or name. */
  readonly keyNamed: (idOrName: string) => Key | undefined
  /** Unix milliseconds. */
  readonly now: () => number
}

const monthMs = 30 * 86_400_000

export function recommendationRoutes({ plan, summarize, keyNamed, now }: RecommendationContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/recommendations',
      handle({ response, headers }) {
        const at = now()
        const from = at - monthMs
        const deployments = [...new Map(candidatesOf(plan()).map((one) => [one.id, one])).values()]
        const data = summarize({ from, groupBy: 'key' }).flatMap(({ group, requests }) => {
          const key = group === '' ? undefined : keyNamed(group)
          if (requests < enoughRequests || (key === undefined && group !== '')) return []
          const usable = deployments.filter(({ id }) => key === undefined || matchesAny(key.policy.models, id))
          const rows = summarize({ from, groupBy: 'model', ...(group !== '' && { keyId: group }) })
          return recommend(rows, usable, at).map((one) => ({
            key: key?.name ?? null,
            from: one.from,
            to: one.to,
            requests: one.requests,
            cost_usd: formatUsd(one.cost),
            instead_usd: formatUsd(one.instead),
            saves_usd: formatUsd(one.cost - one.instead),
            quality_from: Number(one.quality.from.toFixed(1)),
            quality_to: Number(one.quality.to.toFixed(1)),
          }))
        })
        sendJson(response, 200, { object: 'list', since: new Date(from).toISOString(), data }, headers)
      },
    },
  ]
}

/** Everything that has a name. */
const candidatesOf = (plan: Plan) => plan.list().flatMap(({ id }) => plan.resolve(id)?.deployments ?? [])
