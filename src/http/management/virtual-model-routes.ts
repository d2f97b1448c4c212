/** `/api/virtual-models`: the built-in virtual models, what they choose from, what came of it, and what they would choose. */
import type { VirtualModelSettings } from '../../config/types.ts'
import type { Plan } from '../../kernel/plan.ts'
import type { Route as ModelRoute } from '../../kernel/route.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import { formatUsd } from '../../model/money.ts'
import { taskClasses } from '../../model/task-class.ts'
import { isVirtualModel, virtualModelNames, virtualModels } from '../../model/virtual-model.ts'
import type { VirtualModel } from '../../model/virtual-model.ts'
import type { RouteUsage } from '../../stores/usage-store.ts'
import { sendJson } from '../fault-response.ts'
import { readJson } from '../read-json.ts'
import type { Route } from '../route.ts'
import { textIn } from './route-routes.ts'
import type { Explain } from './route-routes.ts'

export interface VirtualModelContext {
  readonly plan: () => Plan
  readonly settingsOf: (model: VirtualModel) => VirtualModelSettings | undefined
  /** Since a moment in Unix milliseconds. */
  readonly usageSince: (from: number) => readonly RouteUsage[]
  readonly explain: Explain
  readonly bodyLimit: number
  /** Unix milliseconds. */
  readonly now: () => number
}

const monthMs = 30 * 86_400_000

export function virtualModelRoutes({
  plan,
  settingsOf,
  usageSince,
  explain,
  bodyLimit,
  now,
}: VirtualModelContext): Route[] {
  function told(id: VirtualModel, route: ModelRoute, from: number, usage: readonly RouteUsage[]) {
    const { candidates, minQuality, fallbacks } = settingsOf(id) ?? {}
    const deployments = new Map(route.deployments.map((deployment) => [deployment.id, deployment]))
    return {
      id,
      about: virtualModels[id],
      settings: { candidates: candidates ?? null, min_quality: minQuality, fallbacks },
      candidates: [...deployments.values()].map((deployment) => ({
        deployment: deployment.id,
        quality: Object.fromEntries(taskClasses.map((task) => [task, rounded(deployment.quality?.(task))])),
      })),
      since: new Date(from).toISOString(),
      served: usage.filter((row) => row.route.startsWith(`${id} > `)).map((row) => usageJson(row, id)),
    }
  }

  /** Undefined where it is switched off, has nothing to choose from, or its name is another's. */
  function routeOf(id: string): ModelRoute | undefined {
    const route = isVirtualModel(id) ? plan().resolve(id) : undefined
    return route?.choosesFreely === true ? route : undefined
  }

  function present(id: string): { readonly id: VirtualModel; readonly route: ModelRoute } {
    const route = routeOf(id)
    if (route === undefined || !isVirtualModel(id))
      throw new Fault(
        'model_not_found',
        `No built-in virtual model is there as "${id.slice(0, 80)}". GET /api/virtual-models lists those that are.`,
      )
    return { id, route }
  }

  return [
    {
      method: 'GET',
      path: '/api/virtual-models',
      handle({ response, headers }) {
        const from = now() - monthMs
        const usage = usageSince(from)
        const data = virtualModelNames.flatMap((id) => {
          const route = routeOf(id)
          return route === undefined ? [] : [told(id, route, from, usage)]
        })
        sendJson(response, 200, { object: 'list', data }, headers)
      },
    },
    {
      method: 'GET',
      path: '/api/virtual-models/{id}',
      handle({ response, headers, params }) {
        const { id, route } = present(params['id'] ?? '')
        const from = now() - monthMs
        sendJson(response, 200, told(id, route, from, usageSince(from)), headers)
      },
    },
    {
      method: 'POST',
      path: '/api/virtual-models/{id}/test',
      async handle({ request, response, headers, params }) {
        const { id } = present(params['id'] ?? '')
        const asked = await readJson(request, bodyLimit)
        const explanation = await explain(asked, { ...bodyIn(asked), model: id })
        const chosen = explanation.candidates[0]?.deployment ?? null
        sendJson(response, 200, { chosen, ...explanation }, headers)
      },
    },
  ]
}

function bodyIn(asked: JsonObject): JsonObject {
  const { body } = asked
  const prompt = textIn(asked, 'prompt')
  if (isJsonObject(body) && prompt === undefined) return body
  if (prompt !== undefined && body === undefined) return { messages: [{ role: 'user', content: prompt }] }
  throw invalidRequest('prompt', 'Send `prompt`, a text, or `body`, a request as a client would send it, and not both.')
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
