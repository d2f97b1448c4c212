/** The target with the fewest requests under way comes first: slow ones get fewer without anybody measuring how slow they are. */
import { z } from 'zod'
import { inFlightAt } from '../kernel/ranking.ts'
import type { Strategy } from '../kernel/strategy.ts'

interface Weight {
  readonly weight: number
}

export const leastBusy: Strategy<Weight, Record<string, never>> = {
  id: 'least_busy',
  alsoCalled: ['least_connections', 'least_in_flight'],
  about: 'Begins with the target that has the fewest requests under way, for its weight; equals take turns.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({
    weight: z
      .number()
      .positive()
      .max(1_000_000)
      .default(1)
      .describe('How much it can take beside the others: with `2`, twice as many requests under way are as busy.'),
  }),
  compile:
    (targets) =>
    (_query, { turn, explain }) => {
      const places = targets.map((target, index) => {
        const busy = inFlightAt(target) / target.options.weight
        explain?.(target, { score: busy, unit: 'requests under way' })
        return { target, busy, turn: (index + targets.length - (turn % targets.length)) % targets.length }
      })
      places.sort((a, b) => a.busy - b.busy || a.turn - b.turn)
      return places.map(({ target }) => target)
    },
}
