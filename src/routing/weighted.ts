/**
 * Draws by weight: for percentages and comparisons. What was not drawn first is drawn by weight again, as a fallback. With `sticky` the
 * draw is the same for all requests of one user, so that a comparison of two models shows each user one of them.
 */
import { z } from 'zod'
import { hash32 } from '../kernel/hash32.ts'
import { StrategyProblem } from '../kernel/strategy.ts'
import type { Strategy } from '../kernel/strategy.ts'
import { subjectOf, subjectSchema } from '../kernel/subject.ts'

interface Weight {
  readonly weight: number
}

interface Sticky {
  readonly sticky?: string | undefined
}

export const weighted: Strategy<Weight, Sticky> = {
  id: 'weighted',
  alsoCalled: ['percentage', 'loadbalance', 'ab_test'],
  about: 'Draws a target by its weight for every request; when it fails, another of the rest, again by weight.',
  options: z.strictObject({
    sticky: subjectSchema
      .optional()
      .describe('Draws once for each: `user`, `key`, `session`, `prefix`, `header.NAME` or `metadata.NAME`.'),
  }),
  targetOptions: z.strictObject({
    weight: z
      .number()
      .min(0)
      .max(1_000_000)
      .default(1)
      .describe('Its share of the requests, beside the weights of the others. `0`: only when all others have failed.'),
  }),
  compile(targets, { sticky }) {
    if (targets.every(({ options: { weight } }) => weight === 0))
      throw new StrategyProblem('has no target with a weight above 0', ['targets'])
    const drawn = targets.filter(({ options: { weight } }) => weight > 0)
    const last = targets.filter(({ options: { weight } }) => weight === 0)
    return (query, { random }) => {
      const subject = sticky === undefined ? undefined : subjectOf(query, sticky)
      const left = [...drawn]
      const order: (typeof targets)[number][] = []
      while (left.length > 0) {
        const total = left.reduce((sum, { options: { weight } }) => sum + weight, 0)
        let at = (subject === undefined ? random() : fixedDraw(subject, order.length)) * total
        const index = left.findIndex(({ options: { weight } }) => (at -= weight) < 0)
        order.push(...left.splice(index < 0 ? left.length - 1 : index, 1))
      }
      return [...order, ...last]
    }
  },
}

const fixedDraw = (subject: string, draw: number): number => hash32(`${draw}:${subject}`) / 4_294_967_296
