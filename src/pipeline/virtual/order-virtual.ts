/** How the built-in virtual models put what is configured in order, for each request and key. */
import { bestQuality, lowestCost } from '../../kernel/best-quality.ts'
import { bestOf, expectedLatency } from '../../kernel/ranking.ts'
import type { Order, StrategyQuery, StrategyTarget } from '../../kernel/strategy.ts'
import { taskOf } from '../../kernel/task-of.ts'
import type { TaskClass } from '../../model/task-class.ts'
import type { VirtualModel } from '../../model/virtual-model.ts'

export interface VirtualOptions {
  /** The least mark of what is chosen for its price or its speed. */
  readonly minQuality: number
  /** Targets behind the first. */
  readonly fallbacks: number
}

type Tier = 'balanced' | 'quality' | 'cost' | 'latency'

interface Candidate<T> {
  readonly target: T
  readonly quality: number
  /** Nano-USD; Infinity where it is not known. */
  readonly cost: number
  /** Milliseconds; undefined where nothing is known. */
  readonly latency: number | undefined
  /** Its circuit is open or its credential rests. */
  readonly resting: boolean
}

/** Points of quality that are no difference. */
const sameQuality = 3
const shares = { quality: 0.5, cost: 0.3, speed: 0.2 }

export function orderVirtual<T extends StrategyTarget>(
  name: VirtualModel,
  targets: readonly T[],
  { minQuality, fallbacks }: VirtualOptions,
): Order<T> {
  return (query, { explain }) => {
    const { task, tier } = wantedBy(name, query)
    const allowed = targets.filter((target) => mayUse(query, target))
    if (explain !== undefined)
      for (const target of targets)
        if (!allowed.includes(target)) explain(target, { skipped: 'the key may not use it' })
    const candidates = allowed.map((target) => candidateOf(target, task, query))
    const ordered = sorted(candidates, tier, minQuality)
    for (const [place, { target, quality, cost }] of ordered.entries()) {
      const price = cost === Infinity ? 'unknown' : `$${(cost / 1e9).toPrecision(3)}`
      explain?.(target, {
        score: Math.round(quality * 10) / 10,
        unit: `quality at ${task}`,
        ...(place > fallbacks
          ? { skipped: `${fallbacks + 1} others are better for ${tier}` }
          : { note: `${tier}: its price is ${price}` }),
      })
    }
    return withOtherProvider(ordered.map(({ target }) => target)).slice(0, fallbacks + 1)
  }
}

/** A key that names the virtual model may use whatever it chooses. */
const mayUse = (query: StrategyQuery, { leaves }: StrategyTarget): boolean =>
  query.mayUse(query.model) || leaves.every(({ id }) => query.mayUse(id))

function wantedBy(name: VirtualModel, query: StrategyQuery): { readonly task: TaskClass; readonly tier: Tier } {
  const [, field, mode] = name.split(':')
  if (field === 'general') return { task: taskOf(query), tier: mode as Tier }
  switch (mode) {
    case 'price':
      return { task: 'code', tier: 'cost' }
    case 'agentic':
      return { task: 'tools', tier: 'quality' }
    case 'quality':
      return { task: 'code', tier: 'quality' }
    default:
      return byDifficulty(query)
  }
}

const hard =
  /\b(?:architect|refactor|redesign|migrat|concurren|race condition|deadlock|security|vulnerab|optimi[sz]|algorithm|distributed|root cause)/i

/** What is short and plain is for the cheap, what is long or sounds hard for the best, what has tools for who works well with them. */
function byDifficulty({ features, inputTokens, text }: StrategyQuery): { task: TaskClass; tier: Tier } {
  if (features.tools) return { task: 'tools', tier: 'quality' }
  if (features.reasoning || inputTokens > 8000 || hard.test(text.slice(0, 4000)))
    return { task: 'code', tier: 'quality' }
  return { task: 'code', tier: text.length < 400 && inputTokens < 1500 ? 'cost' : 'balanced' }
}

function candidateOf<T extends StrategyTarget>(target: T, task: TaskClass, query: StrategyQuery): Candidate<T> {
  return {
    target,
    quality: bestQuality(target, task) ?? 0,
    cost: lowestCost(target, query) ?? Infinity,
    latency: bestOf(target, (signals) => expectedLatency(signals), 1),
    resting: target.leaves.every(({ circuit, standing }) => Math.max(circuit.waitMs(), standing.restMs()) > 0),
  }
}

function sorted<T>(candidates: readonly Candidate<T>[], tier: Tier, minQuality: number): Candidate<T>[] {
  const compare = comparisons(candidates)[tier]
  const floor = tier === 'cost' || tier === 'latency' ? minQuality : 0
  return candidates.toSorted(
    (a, b) =>
      Number(a.resting) - Number(b.resting) ||
      Number(a.quality < floor) - Number(b.quality < floor) ||
      compare(a, b) ||
      b.quality - a.quality,
  )
}

type Compare = (a: Candidate<unknown>, b: Candidate<unknown>) => number

function comparisons(candidates: readonly Candidate<unknown>[]): Readonly<Record<Tier, Compare>> {
  const known = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined)
  const cheapest = Math.min(...candidates.map(({ cost }) => cost))
  const quickest = Math.min(...known(candidates.map(({ latency }) => latency)))
  const best = Math.max(...candidates.map(({ quality }) => quality))
  const worth = ({ quality, cost, latency }: Candidate<unknown>): number =>
    (shares.quality * quality) / 100 +
    shares.cost * (cost === Infinity ? 0 : cost === 0 ? 1 : Math.sqrt(cheapest / cost)) +
    // Of one that nothing is known of, half is assumed, so that it is tried.
    shares.speed * (latency === undefined ? 0.5 : quickest / latency)
  return {
    balanced: (a, b) => worth(b) - worth(a),
    cost: (a, b) => difference(a.cost, b.cost),
    latency: (a, b) => difference(a.latency ?? 0, b.latency ?? 0),
    // Among the best of all the cheapest; behind them by quality.
    quality(a, b) {
      const [first, second] = [a.quality >= best - sameQuality, b.quality >= best - sameQuality]
      if (first !== second) return first ? -1 : 1
      return first ? difference(a.cost, b.cost) : b.quality - a.quality
    },
  }
}

const difference = (a: number, b: number): number => (a === b ? 0 : a - b)

/** The first fallback is at another provider, where there is one: what breaks a service breaks all of its models. */
function withOtherProvider<T extends StrategyTarget>(targets: readonly T[]): readonly T[] {
  const [first, ...others] = targets
  const at = others.findIndex(({ leaves }) => leaves[0]?.provider !== first?.leaves[0]?.provider)
  if (first === undefined || at <= 0) return targets
  const [other] = others.splice(at, 1)
  return other === undefined ? targets : [first, other, ...others]
}
