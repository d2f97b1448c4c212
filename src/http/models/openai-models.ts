/** The list of models a key may use, in OpenAI's shape, or Anthropic's when the client says that it speaks Anthropic's API. */
import type { IncomingMessage } from 'node:http'
import type { ListedModel, Plan } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import { sendJson } from '../fault-response.ts'
import type { Route } from '../route.ts'
import { allowedModel, allowedModels, modelsCreated } from './allowed-models.ts'

const createdAt = new Date(modelsCreated * 1000).toISOString().replace('.000', '')
const defaultPage = 20
const largestPage = 1000

export function openaiModelRoutes(plan: () => Plan): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/models',
      handle({ request, response, key, query, headers }) {
        const models = allowedModels(plan(), key)
        const json = speaksAnthropic(request)
          ? anthropicPage(models, query)
          : { object: 'list', data: models.map(openaiModel) }
        sendJson(response, 200, json, headers)
      },
    },
    {
      method: 'GET',
      path: '/v1/models/{model*}',
      handle({ request, response, key, params, headers }) {
        const { listed } = allowedModel(plan(), key, params['model'] ?? '')
        sendJson(response, 200, speaksAnthropic(request) ? anthropicModel(listed) : openaiModel(listed), headers)
      },
    },
  ]
}

const speaksAnthropic = (request: IncomingMessage): boolean => request.headers['anthropic-version'] !== undefined

const openaiModel = ({ id, ownedBy }: ListedModel) => ({
  id,
  object: 'model',
  created: modelsCreated,
  owned_by: ownedBy,
})

const anthropicModel = ({ id }: ListedModel) => ({ type: 'model', id, display_name: id, created_at: createdAt })

function anthropicPage(models: readonly ListedModel[], query: URLSearchParams) {
  const limit = pageSize(query.get('limit'))
  const { start, end } = pageBounds(models, query, limit)
  const page = models.slice(start, end)
  return {
    data: page.map(anthropicModel),
    has_more: query.has('before_id') ? start > 0 : end < models.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  }
}

function pageSize(given: string | null): number {
  if (given === null) return defaultPage
  const limit = Number(given)
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
    throw new Fault('invalid_request', `limit must be a whole number from 1 to ${largestPage}.`, { param: 'limit' })
  return limit
}

function pageBounds(
  models: readonly ListedModel[],
  query: URLSearchParams,
  limit: number,
): { start: number; end: number } {
  const position = (id: string): number => models.findIndex((model) => model.id === id)
  const before = query.get('before_id')
  if (before !== null) {
    const end = Math.max(0, position(before))
    return { start: Math.max(0, end - limit), end }
  }
  const after = query.get('after_id')
  const start = after === null ? 0 : position(after) + 1
  return { start, end: Math.min(models.length, start + limit) }
}
