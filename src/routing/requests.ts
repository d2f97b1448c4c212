/** Goes by how many requests each has had. */
import { z } from 'zod'
import { ranked, rankingOptions } from '../kernel/ranking.ts'
import type { RankingOptions } from '../kernel/ranking.ts'
import type { LiveSignals } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

export const requests: Strategy<Record<string, never>, RankingOptions> = {
  id: 'requests',
  alsoCalled: ['least_requests', 'usage-based-routing'],
  about: 'Begins with the target that had the fewest requests in the last quarter of an hour.',
  options: z.strictObject(rankingOptions),
  targetOptions: z.strictObject({}),
  compile: (targets, options) => {
    const ranking = {
      ...options,
      figure: (signals: LiveSignals) => signals.window('15m').requests,
      better: 'lower',
      unit: 'requests in 15 minutes',
    } as const
    return (_query, context) => ranked(targets, ranking, context)
  },
}
