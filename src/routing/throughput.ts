/** Goes by how quickly answers are written. */
import { z } from 'zod'
import { expectedThroughput, ranked, rankingOptions } from '../kernel/ranking.ts'
import type { RankingOptions } from '../kernel/ranking.ts'
import type { LiveSignals } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

export const throughput: Strategy<Record<string, never>, RankingOptions> = {
  id: 'throughput',
  alsoCalled: ['highest_throughput'],
  about: 'Begins with the target that wrote the most tokens a second of late, by the median.',
  options: z.strictObject(rankingOptions),
  targetOptions: z.strictObject({}),
  compile: (targets, options) => {
    const ranking = {
      ...options,
      figure: (signals: LiveSignals) => expectedThroughput(signals),
      better: 'higher',
      unit: 'tokens/s',
    } as const
    return (_query, context) => ranked(targets, ranking, context)
  },
}
