/** Every order of the targets is as likely as any other: load is spread without anything to remember. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

export const random: Strategy<Record<string, never>, Record<string, never>> = {
  id: 'random',
  alsoCalled: ['simple-shuffle', 'shuffle'],
  about: 'Tries the targets in a random order, each order as likely as any other.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({}),
  compile:
    (targets) =>
    (_query, { random: draw }) => {
      const order = [...targets]
      for (let left = order.length - 1; left > 0; left -= 1) {
        const other = Math.floor(draw() * (left + 1))
        const [here, there] = [order[left], order[other]]
        if (here !== undefined && there !== undefined) [order[left], order[other]] = [there, here]
      }
      return order
    },
}
