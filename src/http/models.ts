/** The list of models a key may use, in OpenAI's shape, or Anthropic's when the client says that it speaks Anthropic's API. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ListedModel, Plan } from '../kernel/plan.ts'
import { Fault } from '../model/fault.ts'
import type { Key } from '../model/key.ts'
import { mayUse } from '../pipeline/stages/resolve.ts'
import { sendJson } from './fault-response.ts'

/** Models have no date of their own here; clients want one that does not change. */
const created = 1_735_689_600
const createdAt = new Date(created * 1000).toISOString().replace('.000', '')
const defaultPage = 20
const largestPage = 1000

export function sendModels(
  plan: Plan,
  key: Key | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly string[],
): void {
  const models = plan.list().filter(({ id }) => key === undefined || mayUse(key.policy, id, plan.resolve(id)))
  const json = speaksAnthropic(request)
    ? anthropicPage(models, new URL(request.url ?? '/', 'http://gateway').searchParams)
    : { object: 'list', data: models.map(openaiModel) }
  sendJson(response, 200, json, headers)
}

export function sendModel(
  plan: Plan,
  key: Key | undefined,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly string[],
): void {
  const route = plan.resolve(id)
  if (route === undefined || (key !== undefined && !mayUse(key.policy, id, route))) {
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
  sendJson(response, 200, speaksAnthropic(request) ? anthropicModel(listed) : openaiModel(listed), headers)
}

const speaksAnthropic = (request: IncomingMessage): boolean => request.headers['anthropic-version'] !== undefined

const openaiModel = ({ id, ownedBy }: ListedModel) => ({ id, object: 'model', created, owned_by: ownedBy })

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
