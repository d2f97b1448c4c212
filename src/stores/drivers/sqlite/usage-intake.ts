/** Takes journal entries into SQLite: one transaction a batch, no row updated more than once in it, nothing counted twice. */
import type { DatabaseSync } from 'node:sqlite'
import { budgetPeriods, periodStart } from '../../../model/budget-period.ts'
import type { BudgetPeriod } from '../../../model/key.ts'
import type { UsageIntake } from '../../usage-store.ts'
import { inTransaction } from './database.ts'
import { rowOf } from './exchange-row.ts'
import type { ExchangeRow } from './exchange-row.ts'

const hourMs = 3_600_000
/** Below the largest 64-bit integer: a sum that reaches it stays there instead of turning into a float. */
const cap = '9000000000000000000'

export function sqliteUsageIntake(db: DatabaseSync): UsageIntake {
  const readPosition = db.prepare('SELECT segment, byte_offset FROM journal_position')
  const movePosition = db.prepare('UPDATE journal_position SET segment = ?, byte_offset = ?')
  const insert = db.prepare(`
    INSERT INTO exchanges (id, at, key_id, provider, model, failed, input_tokens, cached_tokens, output_tokens, cost, unpriced, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT)) ON CONFLICT (id) DO NOTHING`)
  const addHour = db.prepare(`
    INSERT INTO usage_hours (hour, key_id, provider, model, requests, failed, input_tokens, cached_tokens, output_tokens, cost, unpriced)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, failed = failed + excluded.failed,
      input_tokens = min(input_tokens + excluded.input_tokens, ${cap}), cached_tokens = min(cached_tokens + excluded.cached_tokens, ${cap}),
      output_tokens = min(output_tokens + excluded.output_tokens, ${cap}), cost = min(cost + excluded.cost, ${cap}),
      unpriced = unpriced + excluded.unpriced`)
  const addRoute = db.prepare(`
    INSERT INTO route_hours (hour, key_id, route, requests, failed, answers, answer_ms, cost, unpriced)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, failed = failed + excluded.failed,
      answers = answers + excluded.answers, answer_ms = min(answer_ms + excluded.answer_ms, ${cap}),
      cost = min(cost + excluded.cost, ${cap}), unpriced = unpriced + excluded.unpriced`)
  const addSpend = db.prepare(`
    INSERT INTO spends (period, start, key_id, cost, tokens) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET cost = min(cost + excluded.cost, ${cap}), tokens = min(tokens + excluded.tokens, ${cap})`)
  const hold = db.prepare(`
    INSERT INTO reservations (id, reservation) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM exchanges WHERE id = ?1)
    ON CONFLICT (id) DO NOTHING`)
  const settle = db.prepare('DELETE FROM reservations WHERE id = ?')
  /** Whether there may be a reservation to settle; usually each is settled within the batch that brings it. */
  let anyHeld = db.prepare('SELECT 1 FROM reservations LIMIT 1').get() !== undefined

  return {
    position() {
      const row = readPosition.get()
      return { segment: Number(row?.['segment'] ?? 0), offset: Number(row?.['byte_offset'] ?? 0) }
    },
    ingest(records, position, held = [], texts = []) {
      inTransaction(db, () => {
        const sums = new Sums()
        const spelled = texts[Symbol.iterator]()
        for (const record of records) {
          const text = spelled.next()
          const row = rowOf(record)
          const { id, at, keyId, provider, model, failed, inputTokens, cachedTokens, outputTokens, cost, unpriced } =
            row
          const inserted = insert.run(
            id,
            at,
            keyId,
            provider,
            model,
            failed,
            inputTokens,
            cachedTokens,
            outputTokens,
            cost,
            unpriced,
            text.done === true ? JSON.stringify(record) : text.value,
          )
          if (inserted.changes === 1) sums.add(row)
          if (anyHeld) settle.run(id)
        }
        for (const { hour, first, total } of sums.hours()) {
          addHour.run(
            hour,
            first.keyId,
            first.provider,
            first.model,
            total.requests,
            total.failed,
            total.input.total,
            total.cached.total,
            total.output.total,
            total.cost.total,
            total.unpriced,
          )
        }
        for (const { hour, keyId, route, requests, failed, answers, answerMs, cost, unpriced } of sums.routes())
          addRoute.run(hour, keyId, route, requests, failed, answers, answerMs, cost.total, unpriced)
        for (const { keyId, period, start, cost, tokens } of sums.spends())
          addSpend.run(period, start, keyId, cost, tokens)
        if (held.length > 0) anyHeld = true
        for (const reservation of held) hold.run(reservation.id, JSON.stringify(reservation))
        movePosition.run(position.segment, position.offset)
      })
    },
  }
}

/** What a batch adds up to, so that each sum in the database is written once a batch. */
class Sums {
  readonly #hours = new Map<string, HourSum>()
  readonly #routes = new Map<string, RouteSum>()
  /** Most records of a batch are of the same hour, key and model as the one before. */
  #last: HourSum | undefined

  add(row: ExchangeRow): void {
    const hour = Math.floor(row.at / hourMs) * hourMs
    if (this.#last === undefined || !belongs(this.#last, hour, row)) this.#last = this.#hourOf(hour, row)
    this.#last.total.add(row)
    if (row.route !== '') this.#addRoute(hour, row)
  }

  #addRoute(hour: number, { keyId, route, failed, durationMs, cost, unpriced }: ExchangeRow): void {
    const key = keyOf(hour, keyId, route)
    let sum = this.#routes.get(key)
    if (sum === undefined)
      this.#routes.set(
        key,
        (sum = { hour, keyId, route, requests: 0, failed: 0, answers: 0, answerMs: 0, cost: new Sum(), unpriced: 0 }),
      )
    sum.requests += 1
    sum.failed += failed
    sum.unpriced += unpriced
    sum.cost.add(cost)
    if (failed === 1) return
    sum.answers += 1
    sum.answerMs = Math.min(sum.answerMs + durationMs, Number.MAX_SAFE_INTEGER)
  }

  routes(): Iterable<RouteSum> {
    return this.#routes.values()
  }

  #hourOf(hour: number, row: ExchangeRow): HourSum {
    const key = keyOf(hour, row.keyId, row.provider, row.model)
    let sum = this.#hours.get(key)
    if (sum === undefined) this.#hours.set(key, (sum = { hour, first: row, total: new HourTotal() }))
    return sum
  }

  hours(): Iterable<HourSum> {
    return this.#hours.values()
  }

  /** What keys spent in the periods of budgets, which are all made of whole hours. */
  spends(): Iterable<SpendSum> {
    const spends = new Map<string, SpendSum>()
    for (const { hour, first, total } of this.#hours.values()) {
      const { keyId } = first
      if (keyId === '') continue
      for (const period of budgetPeriods) {
        const start = periodStart(period, hour)
        const key = keyOf(start, keyId, period)
        let spend = spends.get(key)
        if (spend === undefined) spends.set(key, (spend = { keyId, period, start, cost: 0n, tokens: 0n }))
        spend.cost += total.cost.total
        spend.tokens += total.input.total + total.output.total
      }
    }
    return spends.values()
  }
}

interface HourSum {
  readonly hour: number
  readonly first: ExchangeRow
  readonly total: HourTotal
}

interface RouteSum {
  readonly hour: number
  readonly keyId: string
  readonly route: string
  requests: number
  failed: number
  answers: number
  answerMs: number
  readonly cost: Sum
  unpriced: number
}

const belongs = ({ hour, first }: HourSum, at: number, row: ExchangeRow): boolean =>
  hour === at && first.keyId === row.keyId && first.model === row.model && first.provider === row.provider

interface SpendSum {
  readonly keyId: string
  readonly period: BudgetPeriod
  readonly start: number
  cost: bigint
  tokens: bigint
}

/** Every name with its length, because names may hold any character. */
function keyOf(start: number, ...names: readonly string[]): string {
  let key = String(start)
  for (const name of names) key += ` ${name.length} ${name}`
  return key
}

class HourTotal {
  requests = 0
  failed = 0
  unpriced = 0
  readonly input = new Sum()
  readonly cached = new Sum()
  readonly output = new Sum()
  readonly cost = new Sum()

  add(row: ExchangeRow): void {
    this.requests++
    this.failed += row.failed
    this.unpriced += row.unpriced
    this.input.add(row.inputTokens)
    this.cached.add(row.cachedTokens)
    this.output.add(row.outputTokens)
    this.cost.add(row.cost)
  }
}

/** A sum of safe integers that may itself be larger than one: only what a double cannot hold is added up as a bigint. */
class Sum {
  #small = 0
  #large = 0n

  add(count: number): void {
    const sum = this.#small + count
    if (Number.isSafeInteger(sum)) {
      this.#small = sum
      return
    }
    this.#large += BigInt(this.#small)
    this.#small = count
  }

  get total(): bigint {
    return this.#large + BigInt(this.#small)
  }
}
