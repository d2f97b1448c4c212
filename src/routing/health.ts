/** Draws by how well targets are: one that falters keeps some of the requests, so that its recovery is seen. */
import { z } from 'zod'
import { bestLately } from '../kernel/ranking.ts'
import type { LiveSignals } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

const healthOf = (signals: LiveSignals): number => signals.health()

interface Weight {
  readonly weight: number
}

interface Options {
  readonly sharpness: number
}

export const health: Strategy<Weight, Options> = {
  id: 'health',
  alsoCalled: ['health_weighted'],
  about: 'Draws a target by its weight and its health, a score of 0 to 100; the others follow, the healthiest first.',
  options: z.strictObject({
    sharpness: z
      .number()
      .min(0)
      .max(10)
      .default(2)
      .describe('Power of the score in the weight: at `2`, half as healthy is a quarter of the requests.'),
  }),
  targetOptions: z.strictObject({
    weight: z.number().positive().max(1_000_000).default(1).describe('Its share while all are well.'),
  }),
  compile:
    (targets, { sharpness }) =>
    (_query, { random, now, explain }) => {
      const places = targets.map((target) => {
        const score = bestLately(target, healthOf, -1, now) ?? 0
        explain?.(target, { score, unit: 'health' })
        // Never nothing at all, or a target could not recover.
        return { target, score, weight: target.options.weight * Math.max(0.001, score / 100) ** sharpness }
      })
      let at = random() * places.reduce((sum, { weight }) => sum + weight, 0)
      const drawn = places.find(({ weight }) => (at -= weight) < 0) ?? places.at(-1)
      places.sort((a, b) => Number(b === drawn) - Number(a === drawn) || b.score - a.score)
      return places.map(({ target }) => target)
    },
}
