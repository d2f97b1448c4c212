/**
 * Turns by weight, as evenly spread as can be: of weights 3 and 1 never three of the one after three of the one. Over as many requests as
 * the weights sum to, each target comes first exactly as often as its weight says.
 */
import { z } from 'zod'
import type { Strategy, StrategyTarget } from '../kernel/strategy.ts'

interface Turns {
  readonly weight: number
}

export const weightedRoundRobin: Strategy<Turns> = {
  id: 'weighted_round_robin',
  about:
    'Begins with each target in turn, as often as its weight says, evenly spread; the others follow by their weights.',
  targetOptions: z.strictObject({
    weight: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe('How many turns are its own, of as many as all weights sum to. `0`: only when all others have failed.'),
  }),
  order(targets, _query, { turn }) {
    const turns = turnsOf(targets)
    const first = turns.length === 0 ? undefined : targets[turns[turn % turns.length] ?? 0]
    const others = targets.filter((target) => target !== first).toSorted((a, b) => b.options.weight - a.options.weight)
    return first === undefined ? others : [first, ...others]
  },
}

/** The same list of targets serves every request of a plan. */
const known = new WeakMap<readonly StrategyTarget[], readonly number[]>()

function turnsOf(targets: readonly StrategyTarget<Turns>[]): readonly number[] {
  let turns = known.get(targets)
  if (turns === undefined) known.set(targets, (turns = spread(targets.map(({ options }) => options.weight))))
  return turns
}

/** One period: whoever has waited longest for its share comes next. */
function spread(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const credit = weights.map(() => 0)
  return Array.from({ length: total }, () => {
    let best = 0
    for (const [index, weight] of weights.entries()) {
      credit[index] = (credit[index] ?? 0) + weight
      if ((credit[index] ?? 0) > (credit[best] ?? 0)) best = index
    }
    credit[best] = (credit[best] ?? 0) - total
    return best
  })
}
