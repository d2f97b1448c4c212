/**
 * Turns by weight, as evenly spread as can be: of weights 3 and 1 never three of the one after three of the one. Over as many requests as
 * the weights sum to, each target comes first exactly as often as its weight says.
 */
import { z } from 'zod'
import { StrategyProblem } from '../kernel/strategy.ts'
import type { Strategy } from '../kernel/strategy.ts'

interface Turns {
  readonly weight: number
}

export const weightedRoundRobin: Strategy<Turns, Record<string, never>> = {
  id: 'weighted_round_robin',
  about:
    'Begins with each target in turn, as often as its weight says, evenly spread; the others follow by their weights.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({
    weight: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe('How many turns are its own, of as many as all weights sum to. `0`: only when all others have failed.'),
  }),
  compile(targets) {
    if (targets.every(({ options: { weight } }) => weight === 0))
      throw new StrategyProblem('has no target with a weight above 0', ['targets'])
    const byWeight = targets.toSorted((a, b) => b.options.weight - a.options.weight)
    const orders = targets.map((first) => [first, ...byWeight.filter((target) => target !== first)])
    const turns = spread(targets.map(({ options }) => options.weight))
    return (_query, { turn }) => orders[turns[turn % turns.length] ?? -1] ?? byWeight
  },
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
