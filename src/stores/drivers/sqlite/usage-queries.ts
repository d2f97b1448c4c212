/** The questions that people ask about usage, compiled to SQL. Summaries read hourly sums; single records only where a bound cuts an hour. */
import { sql } from 'kysely'
import type { CompiledQuery, Expression, RawBuilder } from 'kysely'
import type { BudgetPeriod } from '../../../model/key.ts'
import type { RecordsQuery, UsageQuery } from '../../usage-store.ts'
import { builder } from './schema.ts'

const hourMs = 3_600_000

/** From `from` (inclusive) to `to` (exclusive), Unix milliseconds. */
interface Span {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** A time span as the whole hours inside it and what is left of hours at its ends. */
export function splitByHour({ from, to }: Span): { readonly hours: Span | undefined; readonly edges: readonly Span[] } {
  const firstHour = from === undefined ? undefined : Math.ceil(from / hourMs) * hourMs
  const lastHour = to === undefined ? undefined : Math.floor(to / hourMs) * hourMs
  if (firstHour !== undefined && lastHour !== undefined && firstHour > lastHour)
    return { hours: undefined, edges: [{ from, to }] }
  const edges: Span[] = []
  if (from !== firstHour) edges.push({ from, to: firstHour })
  if (to !== lastHour) edges.push({ from: lastHour, to })
  return { hours: { from: firstHour, to: lastHour }, edges }
}

export function summarizeQuery(query: UsageQuery): CompiledQuery {
  const { hours, edges } = splitByHour(query)
  const slices = [
    ...(hours === undefined ? [] : [hourSlice(query, hours)]),
    ...edges.map((edge) => exchangeSlice(query, edge)),
  ]
  const [first, ...rest] = slices
  if (first === undefined) throw new RangeError('a time span has whole hours or edges')
  const slice = rest.reduce((all, next) => all.unionAll(next), first)
  return builder
    .selectFrom(slice.as('slice'))
    .select((of) => [
      'slice.group',
      of.fn.sum('slice.requests').as('requests'),
      of.fn.sum('slice.failed').as('failed'),
      of.fn.sum('slice.input_tokens').as('input_tokens'),
      of.fn.sum('slice.cached_tokens').as('cached_tokens'),
      of.fn.sum('slice.output_tokens').as('output_tokens'),
      of.fn.sum('slice.cost').as('cost'),
      of.fn.sum('slice.unpriced').as('unpriced'),
    ])
    .groupBy('slice.group')
    .orderBy('slice.group')
    .compile()
}

export function routesQuery({ from, to, keyId }: Omit<UsageQuery, 'groupBy'>): CompiledQuery {
  let routes = builder
    .selectFrom('route_hours')
    .select((of) => [
      'route',
      of.fn.sum('requests').as('requests'),
      of.fn.sum('failed').as('failed'),
      of.fn.sum('answers').as('answers'),
      of.fn.sum('answer_ms').as('answer_ms'),
      of.fn.sum('cost').as('cost'),
      of.fn.sum('unpriced').as('unpriced'),
    ])
  if (from !== undefined) routes = routes.where('hour', '>=', Math.floor(from / hourMs) * hourMs)
  if (to !== undefined) routes = routes.where('hour', '<', to)
  if (keyId !== undefined) routes = routes.where('key_id', '=', keyId)
  return routes.groupBy('route').orderBy('route').compile()
}

export function listQuery(query: RecordsQuery): CompiledQuery {
  const order = query.after === undefined ? 'desc' : 'asc'
  let list = builder.selectFrom('exchanges').select('record').orderBy('id', order).limit(query.limit)
  if (query.after !== undefined) list = list.where('id', '>', query.after)
  if (query.keyId !== undefined) list = list.where('key_id', '=', query.keyId)
  if (query.before !== undefined) list = list.where('id', '<', query.before)
  return list.compile()
}

export function spendsQuery(
  starts: readonly { readonly period: BudgetPeriod; readonly start: number }[],
  keyId: string | undefined,
): CompiledQuery {
  let spends = builder.selectFrom('spends').selectAll()
  spends = spends.where((where) => where.or(starts.map(({ period, start }) => where.and({ period, start }))))
  if (keyId !== undefined) spends = spends.where('key_id', '=', keyId)
  return spends.compile()
}

function hourSlice(query: UsageQuery, span: Span) {
  let slice = builder
    .selectFrom('usage_hours')
    .select((of) => [groupOf(query, of.ref('hour')).as('group'), 'requests', ...summed])
  if (span.from !== undefined) slice = slice.where('hour', '>=', span.from)
  if (span.to !== undefined) slice = slice.where('hour', '<', span.to)
  if (query.keyId !== undefined) slice = slice.where('key_id', '=', query.keyId)
  return slice
}

function exchangeSlice(query: UsageQuery, span: Span) {
  let slice = builder
    .selectFrom('exchanges')
    .select((of) => [groupOf(query, of.ref('at')).as('group'), sql<number>`1`.as('requests'), ...summed])
  if (span.from !== undefined) slice = slice.where('at', '>=', span.from)
  if (span.to !== undefined) slice = slice.where('at', '<', span.to)
  if (query.keyId !== undefined) slice = slice.where('key_id', '=', query.keyId)
  return slice
}

const summed = ['failed', 'input_tokens', 'cached_tokens', 'output_tokens', 'cost', 'unpriced'] as const

function groupOf(query: UsageQuery, time: Expression<number>): RawBuilder<string> {
  switch (query.groupBy) {
    case 'model':
      return sql<string>`model`
    case 'provider':
      return sql<string>`provider`
    case 'key':
      return sql<string>`key_id`
    case 'day':
      return sql<string>`strftime('%Y-%m-%d', ${time} / 1000, 'unixepoch')`
    case 'none':
      return sql<string>`''`
  }
}
