/** Of two targets drawn at random the less busy one: nearly as even as looking at all, and no herd runs to the one that is free. */
import { z } from 'zod'
import { inFlightAt } from '../kernel/ranking.ts'
import type { Strategy } from '../kernel/strategy.ts'

export const powerOfTwo: Strategy<Record<string, never>, Record<string, never>> = {
  id: 'power_of_two',
  alsoCalled: ['power_of_two_choices', 'p2c', 'two_choices'],
  about: 'Draws two targets and begins with the one that has fewer requests under way; the others follow in turn.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({}),
  compile:
    (targets) =>
    (_query, { random, explain }) => {
      if (explain !== undefined)
        for (const target of targets) explain(target, { score: inFlightAt(target), unit: 'requests under way' })
      const count = targets.length
      if (count < 2) return targets
      const one = Math.floor(random() * count)
      const drawn = Math.floor(random() * (count - 1))
      const other = drawn >= one ? drawn + 1 : drawn
      const [a, b] = [targets[one], targets[other]]
      if (a === undefined || b === undefined) return targets
      const pair = inFlightAt(b) < inFlightAt(a) ? [b, a] : [a, b]
      return [...pair, ...targets.filter((target) => target !== a && target !== b)]
    },
}
