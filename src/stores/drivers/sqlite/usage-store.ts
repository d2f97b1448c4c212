/** Usage in SQLite: the intake of the journal, and the answers to what was used and spent. */
import type { DatabaseSync } from 'node:sqlite'
import type { CompiledQuery } from 'kysely'
import { budgetPeriods, periodStart } from '../../../model/budget-period.ts'
import type { BudgetPeriod } from '../../../model/key.ts'
import type { ExchangeRecord } from '../../../model/record.ts'
import type { Reservation } from '../../../model/reservation.ts'
import type { UsageStore } from '../../usage-store.ts'
import { sqliteUsageIntake } from './usage-intake.ts'
import { listQuery, routesQuery, spendsQuery, summarizeQuery } from './usage-queries.ts'

/** 64-bit integers arrive as bigints. */
type Row<Texts extends string, Integers extends string> = Record<Texts, string> & Record<Integers, bigint>

export function sqliteUsageStore(db: DatabaseSync): UsageStore {
  const held = db.prepare('SELECT reservation FROM reservations ORDER BY id')
  const forget = db.prepare(
    'DELETE FROM exchanges WHERE rowid IN (SELECT rowid FROM exchanges WHERE at < ? ORDER BY at LIMIT ?)',
  )

  function all<R>(query: CompiledQuery): R[] {
    const statement = db.prepare(query.sql)
    statement.setReadBigInts(true)
    return statement.all(...(query.parameters as readonly (string | number)[])) as unknown as R[]
  }

  return {
    ...sqliteUsageIntake(db),
    heldReservations: () => held.all().map((row) => JSON.parse(String(row['reservation'])) as Reservation),
    spends(at, keyId) {
      const starts = budgetPeriods.map((period) => ({ period, start: periodStart(period, at) }))
      const rows = all<Row<'key_id' | 'period', 'start' | 'cost' | 'tokens'>>(spendsQuery(starts, keyId))
      return rows.map((row) => ({
        keyId: row.key_id,
        period: row.period as BudgetPeriod,
        start: safe(row.start),
        cost: safe(row.cost),
        tokens: safe(row.tokens),
      }))
    },
    summarize(query) {
      type Integers = 'requests' | 'failed' | 'input_tokens' | 'cached_tokens' | 'output_tokens' | 'cost' | 'unpriced'
      return all<Row<'group', Integers>>(summarizeQuery(query)).map((row) => ({
        group: row.group,
        requests: safe(row.requests),
        failed: safe(row.failed),
        inputTokens: safe(row.input_tokens),
        cachedTokens: safe(row.cached_tokens),
        outputTokens: safe(row.output_tokens),
        cost: row.cost,
        unpriced: safe(row.unpriced),
      }))
    },
    routes(query) {
      type Integers = 'requests' | 'failed' | 'answers' | 'answer_ms' | 'cost' | 'unpriced'
      return all<Row<'route', Integers>>(routesQuery(query)).map((row) => ({
        route: row.route,
        requests: safe(row.requests),
        failed: safe(row.failed),
        answers: safe(row.answers),
        answerMs: safe(row.answer_ms),
        cost: row.cost,
        unpriced: safe(row.unpriced),
      }))
    },
    list: (query) => all<Row<'record', never>>(listQuery(query)).map((row) => JSON.parse(row.record) as ExchangeRecord),
    prune: (before, limit) => Number(forget.run(before, limit).changes),
  }
}

function safe(integer: bigint): number {
  return integer > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(integer)
}
