/**
 * Twenty deployments of three providers, and what becomes of them: how long each would take at a moment, whether it would fail, what it
 * would cost. Nothing here knows of strategies.
 */
import type { FaultCode } from '../../src/model/fault.ts'

export interface Place {
  readonly id: string
  readonly provider: string
  /** Milliseconds of the median answer when nobody else asks. */
  readonly latency: number
  /** Nano-USD of an answer. */
  readonly cost: number
  /** Requests under way from which on it becomes slower. */
  readonly capacity: number
  /** Requests a second that it takes. */
  readonly rate: number
}

/** How a deployment stands at a moment, beside what it always is. */
export interface Condition {
  /** Times as slow. */
  readonly slow: number
  /** Share of calls that fail. */
  readonly failing: number
  /** Milliseconds after which a failing call fails. */
  readonly failsAfter: number
  /** Times as dear. */
  readonly dear: number
  /** Times the rate that it takes. */
  readonly rate: number
}

export const asUsual: Condition = { slow: 1, failing: 0, failsAfter: 40, dear: 1, rate: 1 }

/** What happens, by the seconds since the beginning. */
export type Scenario = (place: Place, second: number) => Condition

export interface Called {
  readonly latency: number
  readonly fault: FaultCode | undefined
  readonly cost: number
}

const providers = [
  { name: 'north', count: 8, latency: 700, cost: 2_000_000 },
  { name: 'south', count: 7, latency: 900, cost: 1_200_000 },
  { name: 'west', count: 5, latency: 1300, cost: 500_000 },
] as const

/** Times `capacity` beyond which calls are refused. */
const mostBusy = 3
/** Milliseconds after which a call is given up. */
const patience = 30_000
/** Spread of single answers, as the sigma of a log-normal distribution. */
const spread = 0.35

export const places: readonly Place[] = providers.flatMap(({ name, count, latency, cost }) =>
  Array.from({ length: count }, (_, index) => ({
    id: `${name}/m${index}`,
    provider: name,
    latency: latency * (1 + 0.12 * index),
    cost: Math.round(cost * (1 + 0.1 * (count - index))),
    capacity: 24,
    rate: 20,
  })),
)

export class World {
  readonly #scenario: Scenario
  readonly #random: () => number
  readonly #underWay = new Map<string, number>()
  /** Calls of the current second. */
  readonly #taken = new Map<string, { second: number; count: number }>()

  constructor(scenario: Scenario, random: () => number) {
    this.#scenario = scenario
    this.#random = random
  }

  /** A call that begins at `now` milliseconds; `end` has to be called when it is over. */
  begin(place: Place, now: number): Called {
    const condition = this.#scenario(place, now / 1000)
    const busy = this.#underWay.get(place.id) ?? 0
    this.#underWay.set(place.id, busy + 1)
    const cost = Math.round(place.cost * condition.dear)
    if (busy >= place.capacity * mostBusy || this.#isOverRate(place, condition, now))
      return { latency: 15, fault: 'provider_rate_limited', cost: 0 }
    if (this.#random() < condition.failing)
      return { latency: condition.failsAfter, fault: 'provider_overloaded', cost: 0 }
    const latency = this.#expected(place, condition, busy) * Math.exp(spread * this.#normal())
    if (latency > patience) return { latency: patience, fault: 'provider_timeout', cost: 0 }
    return { latency, fault: undefined, cost }
  }

  end(place: Place): void {
    this.#underWay.set(place.id, (this.#underWay.get(place.id) ?? 1) - 1)
  }

  /** Milliseconds that a good answer would take at this moment, by the median; Infinity from a deployment that fails more often than not. */
  outlook(place: Place, now: number): { readonly latency: number; readonly cost: number } {
    const condition = this.#scenario(place, now / 1000)
    const busy = this.#underWay.get(place.id) ?? 0
    if (condition.failing >= 0.5 || busy >= place.capacity * mostBusy || this.#isFull(place, condition, now))
      return { latency: Infinity, cost: Infinity }
    const latency = this.#expected(place, condition, busy) / (1 - condition.failing)
    return { latency, cost: place.cost * condition.dear }
  }

  #expected({ latency, capacity }: Place, { slow }: Condition, busy: number): number {
    return latency * slow * (1 + (busy / capacity) ** 2)
  }

  #isFull({ id, rate }: Place, condition: Condition, now: number): boolean {
    const taken = this.#taken.get(id)
    return taken?.second === Math.floor(now / 1000) && taken.count >= rate * condition.rate
  }

  #isOverRate(place: Place, condition: Condition, now: number): boolean {
    if (this.#isFull(place, condition, now)) return true
    const second = Math.floor(now / 1000)
    const taken = this.#taken.get(place.id)
    if (taken?.second === second) taken.count += 1
    else this.#taken.set(place.id, { second, count: 1 })
    return false
  }

  /** Box and Muller's. */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random())
  }
}
