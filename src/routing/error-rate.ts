/** Goes by how often attempts fail. */
import { z } from 'zod'
import { ranked, rankingOptions } from '../kernel/ranking.ts'
import type { RankingOptions } from '../kernel/ranking.ts'
import type { LiveSignals } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

export const errorRate: Strategy<Record<string, never>, RankingOptions> = {
  id: 'error_rate',
  alsoCalled: ['lowest_error_rate'],
  about: 'Begins with the target that failed the least of late.',
  options: z.strictObject(rankingOptions),
  targetOptions: z.strictObject({}),
  compile: (targets, options) => {
    const ranking = {
      ...options,
      figure: (signals: LiveSignals) => signals.errorRate(),
      better: 'lower',
      unit: 'failures per attempt',
    } as const
    return (_query, context) => ranked(targets, ranking, context)
  },
}
