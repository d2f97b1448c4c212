/** Holds keys to their rate limits: all limits of a key are taken from at once or none is, and headers tell of the same state. */
import type { Key, KeyPolicy, LimitPeriod, RateLimit } from '../../model/key.ts'
import type { Admission, KeyLimiter } from '../../pipeline/stages/admit.ts'
import type { Bucket, BucketState, Charge, CounterStore, Taken } from '../../stores/counter-store.ts'
import { owedOf } from './past-use.ts'
import type { HourOfUse } from './past-use.ts'
import { anthropicHeaders, openaiHeaders } from './rate-limit-headers.ts'

const periodMs: Readonly<Record<LimitPeriod, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

type Kind = 'requests' | 'tokens'

interface NamedBucket extends Bucket {
  readonly kind: Kind
}

export class KeyLimits implements KeyLimiter {
  readonly #counters: CounterStore
  readonly #onLost: (error: unknown) => void
  /** By policy, because a key is given a new one when its limits change. */
  readonly #buckets = new WeakMap<KeyPolicy, readonly NamedBucket[]>()

  /** `onLost` hears of a correction that the store did not take; the limit is then as strict as the estimate was. */
  constructor(counters: CounterStore, onLost: (error: unknown) => void = () => undefined) {
    this.#counters = counters
    this.#onLost = onLost
  }

  /** Takes one request and `tokens` from all limits of the key, or nothing from any. The headers suit the client's dialect. */
  admit(key: Key, tokens: number, now: number, dialect: string): Admission | Promise<Admission> {
    const buckets = this.#bucketsOf(key)
    const whole = Math.ceil(tokens)
    const charges = buckets.map((bucket) => chargeOf(bucket, bucket.kind === 'requests' ? 1 : whole))
    const taken = this.#counters.take(charges, now)
    return taken instanceof Promise
      ? taken.then((later) => admissionOf(buckets, later, now, dialect))
      : admissionOf(buckets, taken, now, dialect)
  }

  /** Takes what the key had used before the gateway was started. */
  resume(key: Key, use: readonly HourOfUse[], now: number): void {
    const charges = this.#bucketsOf(key)
      .filter(({ periodMs: period }) => period >= periodMs.hour)
      .map((bucket) => chargeOf(bucket, owedOf(use, bucket.kind, bucket, now)))
    const adjusted = this.#counters.adjust(charges, now)
    if (adjusted instanceof Promise) adjusted.catch(this.#onLost)
  }

  /** The request had taken `estimate` tokens; it really consumed `actual`. */
  correct(key: Key, estimate: number, actual: number, now: number): void {
    const more = Math.ceil(actual) - Math.ceil(estimate)
    if (more === 0) return
    const charges: Charge[] = []
    for (const bucket of this.#bucketsOf(key)) if (bucket.kind === 'tokens') charges.push(chargeOf(bucket, more))
    if (charges.length === 0) return
    const adjusted = this.#counters.adjust(charges, now)
    if (adjusted instanceof Promise) adjusted.catch(this.#onLost)
  }

  #bucketsOf({ id, policy }: Key): readonly NamedBucket[] {
    let buckets = this.#buckets.get(policy)
    if (buckets === undefined) {
      buckets = [...bucketsOf(id, 'requests', policy.requests), ...bucketsOf(id, 'tokens', policy.tokens)]
      this.#buckets.set(policy, buckets)
    }
    return buckets
  }
}

const chargeOf = ({ id, count, periodMs: period }: Bucket, cost: number): Charge => ({
  id,
  count,
  periodMs: period,
  cost,
})

/** Of two limits for the same period only the stricter one counts. */
function bucketsOf(keyId: string, kind: Kind, limits: readonly RateLimit[] = []): NamedBucket[] {
  const byPeriod = new Map<LimitPeriod, number>()
  for (const { count, per } of limits) byPeriod.set(per, Math.min(count, byPeriod.get(per) ?? Infinity))
  return Array.from(byPeriod, ([per, count]) => ({
    id: `${keyId} ${kind} ${per}`,
    kind,
    count,
    periodMs: periodMs[per],
  }))
}

function admissionOf(buckets: readonly NamedBucket[], taken: Taken, now: number, dialect: string): Admission {
  const states = { requests: scarcest(buckets, taken, 'requests'), tokens: scarcest(buckets, taken, 'tokens') }
  const headers = dialect.startsWith('anthropic') ? anthropicHeaders(states, now) : openaiHeaders(states)
  const admission = { admitted: taken.ok, retryAfterMs: taken.retryAfterMs ?? 0, headers }
  const refusedBy = taken.refusedBy === undefined ? undefined : buckets[taken.refusedBy]
  return refusedBy === undefined ? admission : { ...admission, exhausted: refusedBy.kind }
}

/** The limit that decides how much more can be asked for now; of equals the one that takes longer to be whole. */
function scarcest(buckets: readonly NamedBucket[], { states }: Taken, kind: Kind): BucketState | undefined {
  let scarcest: BucketState | undefined
  for (let index = 0; index < buckets.length; index += 1) {
    const state = states[index]
    if (state === undefined || buckets[index]?.kind !== kind) continue
    const isScarcer =
      scarcest === undefined ||
      state.remaining < scarcest.remaining ||
      (state.remaining === scarcest.remaining && state.resetMs > scarcest.resetMs)
    if (isScarcer) scarcest = state
  }
  return scarcest
}
