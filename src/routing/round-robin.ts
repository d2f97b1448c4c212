/** Each target in turn comes first, and those behind it in the order of the configuration are its fallbacks. */
import { z } from 'zod'
import type { Strategy } from '../kernel/strategy.ts'

export const roundRobin: Strategy<Record<string, never>> = {
  id: 'round_robin',
  about: 'Begins with each target in turn; those behind it follow, in the order in which they are configured.',
  targetOptions: z.strictObject({}),
  order(targets, _query, { turn }) {
    const first = targets.length === 0 ? 0 : turn % targets.length
    return [...targets.slice(first), ...targets.slice(0, first)]
  },
}
