/**
 * Runs a router over past requests: which target it would have begun with at each, by what was known then, and what that would have
 * changed. Nobody is called. What the other target would have taken and how often it would have answered is judged by what it did on
 * record; what it would have cost is exact, for an answer of the same length.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Deployment } from '../../../kernel/deployment.ts'
import type { Route } from '../../../kernel/route.ts'
import { servesOperation } from '../../../kernel/deployment.ts'
import { countsAgainst } from '../../../kernel/signals.ts'
import type { Key } from '../../../model/key.ts'
import type { AttemptRecord, ExchangeRecord } from '../../../model/record.ts'
import { matchesAny } from '../../../pipeline/name-pattern.ts'
import { restMsOf } from '../../../pipeline/plan/route-tree.ts'
import type { UsageStore } from '../../../stores/usage-store.ts'
import type { Past } from './past.ts'
import { RecordQuery } from './record-query.ts'
import { Comparisons, Experiences } from './tallies.ts'
import type { Result } from './tallies.ts'

export interface ReplayQuestion {
  readonly route: Route
  /** The past that the route's targets live in. */
  readonly past: Past
  readonly records: Pick<UsageStore, 'list'>
  readonly keyNamed: (id: string) => Key | undefined
  /** A name or pattern of what clients asked for. */
  readonly model: string
  readonly keyId?: string
  /** Unix milliseconds. */
  readonly since: number
  readonly until: number
  /** The most requests that are looked at, the latest. */
  readonly limit: number
  /** Asked now and then: whether anybody still waits for the report. */
  readonly isWanted?: () => boolean
}

export interface Move {
  readonly from: string
  readonly to: string
  records: number
  readonly compared: Comparisons
}

export interface ReplayReport {
  /** Of the requests that were looked at: the first and the last. Unix milliseconds. */
  readonly first: number | undefined
  readonly last: number | undefined
  readonly records: number
  /** There were more in the time than were looked at. */
  readonly limited: boolean
  readonly unchanged: number
  readonly moved: number
  readonly unjudged: ReadonlyMap<string, number>
  readonly compared: Comparisons
  readonly moves: readonly Move[]
}

const pageSize = 500
/** Targets that a request is followed through. */
const mostTargets = 6

export async function replayRouter(question: ReplayQuestion): Promise<ReplayReport> {
  const { experiences, start, limited } = await lookBack(question)
  const replay = new Replay(question, experiences)
  for await (const page of pagesFrom(question, start)) for (const record of page) await replay.take(record)
  return replay.report(limited)
}

/** The newest first: what deployments did, and behind which record the replay begins. */
async function lookBack(question: ReplayQuestion) {
  const { records, since, until, limit, isWanted } = question
  const experiences = new Experiences()
  let found = 0
  let before: string | undefined
  for (;;) {
    const page = records.list({ limit: pageSize, ...(before !== undefined && { before }) })
    for (const record of page) {
      if (record.at >= until) continue
      if (record.at < since) return { experiences, start: record.id, limited: false }
      if (concerns(question, record)) {
        if (found >= limit) return { experiences, start: record.id, limited: true }
        found += 1
      }
      experiences.add(record)
    }
    before = page.at(-1)?.id
    if (page.length < pageSize || isWanted?.() === false) return { experiences, start: '', limited: false }
    await nextTurn()
  }
}

async function* pagesFrom(
  { records, until, isWanted }: ReplayQuestion,
  start: string,
): AsyncGenerator<readonly ExchangeRecord[]> {
  for (let after: string | undefined = start; after !== undefined;) {
    if (isWanted?.() === false) return
    const page: readonly ExchangeRecord[] = records.list({ limit: pageSize, after })
    yield page.filter(({ at }) => at < until)
    after = page.length < pageSize ? undefined : page.at(-1)?.id
    await nextTurn()
  }
}

const concerns = (
  { model, keyId }: ReplayQuestion,
  { modelAsked, keyId: by, mirrorOf, check }: ExchangeRecord,
): boolean =>
  modelAsked !== undefined &&
  mirrorOf === undefined &&
  check === undefined &&
  (keyId === undefined || keyId === by) &&
  matchesAny([model], modelAsked)

class Replay {
  readonly #question: ReplayQuestion
  readonly #experiences: Experiences
  readonly #compared = new Comparisons()
  readonly #moves = new Map<string, Move>()
  readonly #unjudged = new Map<string, number>()
  #first: number | undefined
  #last: number | undefined
  #records = 0
  #unchanged = 0
  #moved = 0

  constructor(question: ReplayQuestion, experiences: Experiences) {
    this.#question = question
    this.#experiences = experiences
  }

  async take(record: ExchangeRecord): Promise<void> {
    const { past } = this.#question
    past.goTo(record.at)
    if (concerns(this.#question, record)) await this.#judge(record)
    past.expect(record)
  }

  async #judge(record: ExchangeRecord): Promise<void> {
    const { route, keyNamed } = this.#question
    this.#records += 1
    this.#first ??= record.at
    this.#last = record.at
    const original = record.attempts.find(({ advice }) => advice !== true)
    if (original === undefined) return this.#leave('no target was asked')
    if (!isTold(record)) return this.#leave('its client left, or the gateway was stopped')
    const query = new RecordQuery(record, record.keyId === undefined ? undefined : keyNamed(record.keyId))
    const { targets, hedge } = await route.order(query)
    if (query.missing.size > 0) return this.#leave(`the router goes by ${[...query.missing].join(' and ')}`)
    // Which of them would have been the quickest, and how far the others would have come by then, no record tells.
    if (hedge?.after === 0) return this.#leave('it asks several targets at once')
    const able = targets.filter((target) => servesOperation(target, record.operation))
    const ready = able.filter((target) => restMsOf(target) === 0)
    const [chosen] = ready.length > 0 ? ready : able
    if (chosen === undefined) return this.#leave('the router leads nowhere with it')

    const before: Result = asItWas(record)
    if (chosen.id === original.deployment) {
      this.#unchanged += 1
      this.#compared.add(before, before)
      return
    }
    this.#moved += 1
    const after = this.#elsewhere(record, query, ready.length > 0 ? ready : able, before)
    this.#compared.add(before, after)
    const move = this.#moveOf(original, chosen)
    move.records += 1
    move.compared.add(before, after)
  }

  #leave(why: string): void {
    this.#unjudged.set(why, (this.#unjudged.get(why) ?? 0) + 1)
  }

  #moveOf({ deployment: from }: AttemptRecord, { id: to }: Deployment): Move {
    const key = `${from}\n${to}`
    let move = this.#moves.get(key)
    if (move === undefined) this.#moves.set(key, (move = { from, to, records: 0, compared: new Comparisons() }))
    return move
  }

  /** At the targets in their order, each of which fails as often as it did. */
  #elsewhere(record: ExchangeRecord, query: RecordQuery, targets: readonly Deployment[], before: Result): Result {
    const [chosen] = targets
    const first = chosen === undefined ? undefined : this.#experiences.of(record, chosen.id)
    const cost = before.cost === undefined || chosen === undefined ? undefined : query.expectedCost(chosen)
    const latency = first === undefined || first.good === 0 ? undefined : first.goodMs / first.good
    let failing = 1
    for (const target of targets.slice(0, mostTargets)) {
      const known = this.#experiences.of(record, target.id)
      if (known === undefined) {
        if (target === chosen) return { cost, latency, success: undefined }
        continue
      }
      failing *= 1 - known.good / known.attempts
    }
    return { cost, latency, success: 1 - failing }
  }

  report(limited: boolean): ReplayReport {
    return {
      first: this.#first,
      last: this.#last,
      records: this.#records,
      limited,
      unchanged: this.#unchanged,
      moved: this.#moved,
      unjudged: this.#unjudged,
      compared: this.#compared,
      moves: [...this.#moves.values()].toSorted((a, b) => b.records - a.records),
    }
  }
}

/** Whether it shows what a target did. */
const isTold = ({ outcome, attempts }: ExchangeRecord): boolean =>
  outcome === 'ok' ||
  outcome === 'cut' ||
  (outcome === 'fault' && attempts.some(({ fault }) => fault !== undefined && countsAgainst(fault)))

const asItWas = ({ outcome, cost, unpriced, durationMs }: ExchangeRecord): Result => ({
  cost: outcome === 'ok' && unpriced !== true ? cost : undefined,
  latency: outcome === 'ok' ? durationMs : undefined,
  success: outcome === 'ok' ? 1 : 0,
})
