/**
 * How the canary does beside the baseline, and whether that is worse by more than chance. It is looked at again and again, so each look is
 * given a part of the doubt that is allowed in all: however often it is looked at, a canary that is as good as the baseline is rolled
 * back with no more than that chance.
 */
import type { StrategyTarget } from '../../kernel/strategy.ts'
import { countsAgainst } from '../../kernel/signals.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { failsMore, isLarger } from './significance.ts'

export interface RollbackOptions {
  readonly confidence: number
  readonly min_requests: number
  readonly error_increase: number
  readonly latency_increase: number
}

/** Times that are kept of each side: the latest. */
const mostTimes = 400
/** How much more there must be before it is looked at again. */
const growth = 1.3
/** Requests of the baseline below which there is nothing to compare with. */
const leastBaseline = 10

export interface Side {
  requests: number
  failures: number
  times: number[]
  /** Where the next time goes, once there are enough. */
  at: number
}

const emptySide = (): Side => ({ requests: 0, failures: 0, times: [], at: 0 })

export class Comparison {
  readonly #options: RollbackOptions
  readonly baseline = emptySide()
  readonly canary = emptySide()
  #looks: number
  #nextLook: number

  /** `looks`: those that the canary has been through before. */
  constructor(options: RollbackOptions, looks = 0) {
    this.#options = options
    this.#looks = looks
    this.#nextLook = options.min_requests
  }

  get looks(): number {
    return this.#looks
  }

  add(side: 'baseline' | 'canary', { failed, ms }: Outcome): void {
    const counts = this[side]
    counts.requests += 1
    if (failed) {
      counts.failures += 1
      return
    }
    counts.times[counts.at % mostTimes] = ms
    counts.at += 1
  }

  /** Why the canary is to be rolled back; undefined where it is not. */
  verdict(): string | undefined {
    const { baseline, canary } = this
    const { confidence, error_increase, latency_increase } = this.#options
    if (canary.requests < this.#nextLook || baseline.requests < leastBaseline) return undefined
    this.#looks += 1
    this.#nextLook = Math.ceil(canary.requests * growth)
    // The parts of all looks together, and of both tests, are the whole.
    const doubt = (1 - confidence) / (this.#looks * (this.#looks + 1)) / 2
    const [before, now] = [baseline.failures / baseline.requests, canary.failures / canary.requests]
    if (
      now - before > error_increase &&
      failsMore([baseline.failures, canary.failures], [baseline.requests, canary.requests]) < doubt
    )
      return `${percent(now)} of its ${canary.requests} requests failed, and ${percent(before)} of the baseline's ${baseline.requests}`
    const [usual, median] = [medianOf(baseline.times), medianOf(canary.times)]
    if (
      usual !== undefined &&
      median !== undefined &&
      median > usual * (1 + latency_increase) &&
      isLarger(baseline.times, canary.times) < doubt
    )
      return `its median is ${Math.round(median)} ms, and the baseline's ${Math.round(usual)} ms`
    return undefined
  }
}

interface Outcome {
  readonly failed: boolean
  readonly ms: number
}

/**
 * How the first attempt at a target went; undefined where it says nothing of the target. One that was not even asked, because its circuit
 * is open, has failed.
 */
export function outcomeAt({ leaves }: StrategyTarget, { attempts, stream }: ExchangeRecord): Outcome | undefined {
  const attempt = attempts.find(
    ({ deployment, advice }) => advice !== true && leaves.some(({ id }) => id === deployment),
  )
  if (attempt === undefined)
    return leaves.every(({ circuit }) => circuit.state === 'open') ? { failed: true, ms: 0 } : undefined
  const { fault, durationMs, firstByteMs } = attempt
  if (fault !== undefined) return countsAgainst(fault) ? { failed: true, ms: durationMs } : undefined
  return { failed: false, ms: stream ? (firstByteMs ?? durationMs) : durationMs }
}

export function medianOf(times: readonly number[]): number | undefined {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
