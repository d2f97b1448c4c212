/** Draws by weight: for percentages, canaries and comparisons. What was not drawn first is drawn by weight again, as a fallback. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

interface Weight {
  readonly weight: number
}

export const weighted: Strategy<Weight> = {
  id: 'weighted',
  about: 'Draws a target by its weight for every request; when it fails, another of the rest, again by weight.',
  targetOptions: z.strictObject({
    weight: z
      .number()
      .min(0)
      .max(1_000_000)
      .default(1)
      .describe('Its share of the requests, beside the weights of the others. `0`: only when all others have failed.'),
  }),
  order(targets, _query, { random }) {
    const left = targets.filter(({ options: { weight } }) => weight > 0)
    const order: (typeof targets)[number][] = []
    while (left.length > 0) {
      const total = left.reduce((sum, { options: { weight } }) => sum + weight, 0)
      let drawn = random() * total
      const at = left.findIndex(({ options: { weight } }) => (drawn -= weight) < 0)
      order.push(...left.splice(at < 0 ? left.length - 1 : at, 1))
    }
    return [...order, ...targets.filter(({ options: { weight } }) => weight === 0)]
  },
}
