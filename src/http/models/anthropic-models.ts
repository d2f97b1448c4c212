/**
 * The list of models in Anthropic's shape: https://platform.claude.com/docs/en/api/models/list, read 2026-11-27. Its `capabilities` tell of
 * dozens of things at once or are `null`; the catalog knows a few of them, so they are `null` here.
 */
import { factsOf } from '../../control/catalog/described-model.ts'
import type { DescribedModel } from '../../control/catalog/described-model.ts'
import type { ListedModel } from '../../kernel/plan.ts'
import { Fault } from '../../model/fault.ts'
import { modelsCreated } from './allowed-models.ts'

const createdAt = new Date(modelsCreated * 1000).toISOString().replace('.000', '')
const defaultPage = 20
const largestPage = 1000

export function anthropicModel(model: DescribedModel, now: number): object {
  const { context, maxInput, maxOutput, released, status, retires } = factsOf(model)
  const retired = retires !== undefined && Date.parse(retires) <= now
  const deprecated = status === 'deprecated' || retired
  return {
    type: 'model',
    id: model.name,
    display_name: model.name,
    created_at: released?.length === 10 ? `${released}T00:00:00Z` : createdAt,
    max_input_tokens: maxInput ?? context ?? null,
    max_tokens: maxOutput ?? null,
    capabilities: null,
    lifecycle: deprecated ? 'deprecated' : 'active',
    deprecated_at: null,
    retires_at: deprecated && retires !== undefined ? `${retires}T00:00:00Z` : null,
    line: null,
  }
}

export function anthropicPage(
  models: readonly ListedModel[],
  query: URLSearchParams,
  describe: (model: ListedModel) => DescribedModel,
  now: number,
): object {
  const limit = pageSize(query.get('limit'))
  const { start, end } = pageBounds(models, query, limit)
  const page = models.slice(start, end)
  return {
    data: page.map((model) => anthropicModel(describe(model), now)),
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
