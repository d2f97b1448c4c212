/** Pages of items, as OpenAI's lists have them: by the id after which they begin, in either order. */
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'

export interface PageQuery {
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly after?: string
  readonly before?: string
}

const defaultPage = 20
const largestPage = 100

export function readPageQuery(query: URLSearchParams): PageQuery {
  const limit = query.get('limit') ?? String(defaultPage)
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > largestPage)
    throw invalidRequest('limit', `limit must be a whole number from 1 to ${largestPage}.`)
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') throw invalidRequest('order', 'order must be asc or desc.')
  const after = query.get('after')
  const before = query.get('before')
  return {
    limit: Number(limit),
    order,
    ...(after !== null && after !== '' && { after }),
    ...(before !== null && before !== '' && { before }),
  }
}

export type Identified = JsonObject & { readonly id: string }

/** One page of a list that is all there. */
export function pageOf(items: readonly Identified[], { limit, order, after, before }: PageQuery) {
  const ordered = order === 'asc' ? items : items.toReversed()
  const start = after === undefined ? 0 : placeOf(ordered, after, 'after') + 1
  const end = before === undefined ? ordered.length : placeOf(ordered, before, 'before')
  const page = ordered.slice(start, Math.min(end, start + limit))
  return listOf(page, start + page.length < end)
}

export function listOf(page: readonly Identified[], hasMore: boolean) {
  return {
    object: 'list',
    data: page,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: hasMore,
  }
}

function placeOf(items: readonly Identified[], id: string, param: string): number {
  const place = items.findIndex((item) => item.id === id)
  if (place === -1)
    throw new Fault('item_not_found', `There is no item with id '${id.slice(0, 120)}' to begin from.`, { param })
  return place
}
