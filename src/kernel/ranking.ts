/** Orders targets by a figure that is learnt from their answers, and sees to it that there is something to learn from. */
import { z } from 'zod'
import type { LiveSignals } from './signals.ts'
import type { StrategyContext, StrategyTarget } from './strategy.ts'

export const rankingOptions = {
  explore: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('Share of the requests that go to another target than the best, to learn how it does by now.'),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Targets that are worse than the best by no more than this share are as good, and take turns.'),
}

export interface RankingOptions {
  readonly explore: number
  readonly tolerance: number
}

export interface Ranking extends RankingOptions {
  /** Undefined where nothing is known. */
  readonly figure: (signals: LiveSignals) => number | undefined
  readonly better: 'lower' | 'higher'
  readonly unit: string
}

/**
 * Best first. What nothing is known of comes before all others while nobody is asking it, so that it is known soon, and behind them while
 * somebody is.
 */
export function ranked<T extends StrategyTarget>(
  targets: readonly T[],
  { figure, better, unit, explore, tolerance }: Ranking,
  { random, now, explain }: StrategyContext,
): readonly T[] {
  const sign = better === 'lower' ? 1 : -1
  const places = targets.map((target) => {
    const value = target.leaves.length === 1 ? figureOf(target, figure) : bestLately(target, figure, sign, now)
    explain?.(target, value === undefined ? { note: 'nothing is known of it yet' } : { score: value, unit })
    return { target, value, rank: value === undefined ? unknownRank(target) : value * sign }
  })
  places.sort((a, b) => a.rank - b.rank)
  const order = places.map(({ target }) => target)
  if (explain !== undefined) return order
  if (order.length > 1 && random() < explore) return bringForward(order, 1 + Math.floor(random() * (order.length - 1)))
  return bringForward(order, Math.floor(random() * asGood(places, tolerance)))
}

const figureOf = ({ leaves: [leaf] }: StrategyTarget, figure: Ranking['figure']): number | undefined =>
  leaf === undefined ? undefined : figure(leaf.signals)

/** Milliseconds for which it is not looked up anew what the best of a router's deployments is worth: there may be hundreds. */
const rememberedFor = 20

interface Remembered {
  readonly figure: Ranking['figure']
  readonly at: number
  readonly value: number | undefined
}

const memory = new WeakMap<StrategyTarget, Remembered>()

/** As `bestOf`, a moment ago. The figure has to be the same function each time. */
export function bestLately(
  target: StrategyTarget,
  figure: Ranking['figure'],
  sign: number,
  now: number,
): number | undefined {
  const known = memory.get(target)
  if (known !== undefined && known.figure === figure && Math.abs(now - known.at) < rememberedFor) return known.value
  const value = bestOf(target, figure, sign)
  memory.set(target, { figure, at: now, value })
  return value
}

const bringForward = <T>(order: T[], index: number): T[] => {
  if (index > 0) order.unshift(...order.splice(index, 1))
  return order
}

/** How many at the beginning are as good as the first. */
function asGood(
  places: readonly { readonly value: number | undefined; readonly rank: number }[],
  tolerance: number,
): number {
  const [first] = places
  if (first?.value === undefined) return 1
  const worst = first.rank + Math.abs(first.rank) * tolerance
  let count = 1
  while (count < places.length && places[count]?.value !== undefined && (places[count]?.rank ?? 0) <= worst) count += 1
  return count
}

const unknownRank = ({ leaves }: StrategyTarget): number =>
  leaves.some(({ signals }) => signals.inFlight > 0 || (signals.errorRate() ?? 0) > 0.5)
    ? Number.MAX_VALUE
    : -Number.MAX_VALUE

/**
 * A time as it is to be expected of the next request. Those that are under way tell of a slow-down before any of them has ended; and how
 * a target does under more load than it has been seen under is not known: it is taken to be slower in proportion, so that not all rush
 * to the one that was quick while it was idle.
 */
function expected(signals: LiveSignals, time: number | undefined): number | undefined {
  if (time === undefined) return undefined
  const crowding = (signals.inFlight + 1) / (signals.usualInFlight() + 1)
  return crowding > 1 ? time * crowding : time
}

/** Milliseconds of the next answer. Those that are waited for longer than usual count as well. */
export function expectedLatency(
  signals: LiveSignals,
  usual: number | undefined = signals.latency(0.5),
): number | undefined {
  return expected(signals, usual === undefined ? undefined : Math.max(usual, signals.ageInFlight()))
}

/** Milliseconds to the first byte of the next stream. */
export const expectedTtft = (signals: LiveSignals, usual: number | undefined = signals.ttft(0.5)): number | undefined =>
  expected(signals, usual)

/** Tokens a second of the next answer. */
export function expectedThroughput(
  signals: LiveSignals,
  usual: number | undefined = signals.throughput(),
): number | undefined {
  const time = expected(signals, usual === undefined ? undefined : 1 / usual)
  return time === undefined ? undefined : 1 / time
}

/** What fails now and then has to be asked again now and then: a time as it is for each good answer. */
export function forGoodAnswer(signals: LiveSignals, time: number | undefined): number | undefined {
  return time === undefined ? undefined : time / Math.max(0.05, 1 - (signals.errorRate() ?? 0))
}

/** A target that is a router is as good as its best deployment. */
export function bestOf(
  { leaves }: StrategyTarget,
  figure: (signals: LiveSignals) => number | undefined,
  sign: number,
): number | undefined {
  let best: number | undefined
  for (const { signals } of leaves) {
    const value = figure(signals)
    if (value !== undefined && (best === undefined || value * sign < best * sign)) best = value
  }
  return best
}

/** Attempts that are under way at all of a target's deployments. */
export function inFlightAt({ leaves }: StrategyTarget): number {
  let sum = 0
  for (const { signals } of leaves) sum += signals.inFlight
  return sum
}
