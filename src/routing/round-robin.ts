/** Each target in turn comes first, and those behind it in the order of the configuration are its fallbacks. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

export const roundRobin: Strategy<Record<string, never>, Record<string, never>> = {
  id: 'round_robin',
  about: 'Begins with each target in turn; those behind it follow, in the order in which they are configured.',
  options: z.strictObject({}),
  targetOptions: z.strictObject({}),
  compile(targets) {
    const orders = targets.map((_, first) => [...targets.slice(first), ...targets.slice(0, first)])
    return (_query, { turn }) => orders[turn % orders.length] ?? targets
  },
}
