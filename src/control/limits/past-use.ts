/**
 * What keys have used in the last day, by the hour, so that a limit of a day is not a new one after every restart. Limits of seconds and
 * minutes are whole again by the time that a gateway has started.
 */
import type { UsageStore } from '../../stores/usage-store.ts'

const hourMs = 3_600_000
const hoursBack = 24

export interface HourOfUse {
  /** Unix milliseconds at which the hour, or what has passed of it, ended. */
  readonly until: number
  /** Those that were answered: one that was turned away took nothing. */
  readonly requests: number
  readonly tokens: number
}

/** By key, the oldest hour first. */
export function pastUse(usage: Pick<UsageStore, 'summarize'>, now: number): ReadonlyMap<string, readonly HourOfUse[]> {
  const uses = new Map<string, HourOfUse[]>()
  const thisHour = Math.floor(now / hourMs) * hourMs
  for (let from = thisHour - (hoursBack - 1) * hourMs; from <= thisHour; from += hourMs) {
    for (const { group: keyId, requests, failed, inputTokens, outputTokens } of usage.summarize({
      from,
      to: from + hourMs,
      groupBy: 'key',
    })) {
      const hour = {
        until: Math.min(now, from + hourMs),
        requests: requests - failed,
        tokens: inputTokens + outputTokens,
      }
      const known = uses.get(keyId)
      if (known === undefined) uses.set(keyId, [hour])
      else known.push(hour)
    }
  }
  return uses
}

/** What is left owed of it now, in a bucket that so many drain from in each period. */
export function owedOf(
  use: readonly HourOfUse[],
  kind: 'requests' | 'tokens',
  { count, periodMs }: { readonly count: number; readonly periodMs: number },
  now: number,
): number {
  let owed = 0
  let at = 0
  for (const hour of use) {
    owed = Math.max(0, owed - (count * (hour.until - at)) / periodMs) + hour[kind]
    at = hour.until
  }
  return Math.max(0, Math.ceil(owed - (count * (now - at)) / periodMs))
}
