/** One canary on its way: its state, its share and its figures, which outlive a reload of the configuration. */
import type { Reporting, RouterReport, SideReport, StrategyEvent, StrategyTarget } from '../../kernel/strategy.ts'
import type { JsonObject } from '../../model/json.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { Comparison, medianOf, outcomeAt } from './comparison.ts'
import type { RollbackOptions, Side } from './comparison.ts'
import type { Ramp } from './ramp.ts'

export interface RolloutContext {
  readonly ramp: Ramp
  /** Undefined where it is never rolled back. */
  readonly rollback: RollbackOptions | undefined
  /** Answers of the canary before it may take all. */
  readonly enough: number
  readonly target: string
  readonly tell: (event: StrategyEvent) => void
  readonly remember: (state: JsonObject) => void
  /** How it stood when the gateway stopped. */
  readonly before: JsonObject | undefined
}

export class Rollout implements Reporting {
  readonly #context: RolloutContext
  state: RouterReport['state'] = 'waiting'
  why = 'no request has come yet'
  /** Unix milliseconds of the first request, and of the latest change. */
  #startedAt = 0
  #since = 0
  #segment = 0
  #comparison: Comparison
  /** Requests that told of the canary in earlier segments. */
  #seenBefore = 0

  constructor(context: RolloutContext) {
    this.#context = context
    this.#comparison = new Comparison(context.rollback ?? neverMind)
    if (context.before !== undefined) this.#goOn(context.before)
  }

  /** Its schedule has gone on meanwhile; its figures begin anew. */
  #goOn({ state, why, startedAt, since }: JsonObject): void {
    const known = changes.find((each) => each === state)
    if (known === undefined || typeof startedAt !== 'number' || typeof since !== 'number') return
    this.state = known
    this.why = typeof why === 'string' ? why : ''
    this.#startedAt = startedAt
    this.#since = since
  }

  /** The canary's share at the moment, 0 to 1. `starts`: a request is really on its way. */
  shareAt(now: number, starts = false): number {
    if (this.state === 'promoted') return 1
    if (this.state === 'rolled_back') return 0
    const { ramp, enough } = this.#context
    if (this.state === 'waiting') {
      if (!starts) return ramp(0).share
      this.#startedAt = now
      this.#become('ramping', now, `it begins with ${percent(ramp(0).share)} of the requests`)
    }
    const { share, segment, done } = ramp(now - this.#startedAt)
    if (!starts) return share
    if (done && this.#seen >= enough) {
      const found = this.#context.rollback === undefined ? 'nobody stopped it' : 'it did no worse than the baseline'
      this.#become('promoted', now, `the ramp is over and ${found}`)
      return 1
    }
    if (segment !== this.#segment) {
      // Shares have changed, and perhaps the times: what was before would make the sides unlike.
      this.#segment = segment
      this.#seenBefore = this.#seen
      this.#comparison = new Comparison(this.#context.rollback ?? neverMind, this.#comparison.looks)
    }
    return share
  }

  settle(side: 'baseline' | 'canary', target: StrategyTarget, record: ExchangeRecord): void {
    if (this.state !== 'ramping') return
    const outcome = outcomeAt(target, record)
    if (outcome === undefined) return
    this.#comparison.add(side, outcome)
    if (this.#context.rollback === undefined) return
    const why = this.#comparison.verdict()
    if (why !== undefined) this.#become('rolled_back', record.at + record.durationMs, why)
  }

  report(now: number): RouterReport {
    return {
      target: this.#context.target,
      state: this.state,
      share: this.shareAt(now),
      why: this.why,
      since: this.state === 'waiting' ? null : new Date(this.#since).toISOString(),
      baseline: figures(this.#comparison.baseline),
      canary: figures(this.#comparison.canary),
    }
  }

  get #seen(): number {
    return this.#seenBefore + this.#comparison.canary.requests
  }

  #become(state: Exclude<RouterReport['state'], 'waiting'>, now: number, why: string): void {
    this.state = state
    this.why = why
    this.#since = now
    this.#context.remember({ state, why, startedAt: this.#startedAt, since: now })
    this.#context.tell({ kind: 'canary', target: this.#context.target, state, why })
  }
}

const changes = ['ramping', 'promoted', 'rolled_back'] as const

/** Figures are kept all the same. */
const neverMind: RollbackOptions = { confidence: 1, min_requests: Infinity, error_increase: 1, latency_increase: 1 }

function figures({ requests, failures, times }: Side): SideReport {
  return { requests, failures, latency_p50_ms: medianOf(times) ?? null }
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`
