/** Goes by how soon streams begin, which is what people who read along notice. */
import { z } from 'zod'
import { expectedTtft, forGoodAnswer, ranked, rankingOptions } from '../kernel/ranking.ts'
import type { RankingOptions } from '../kernel/ranking.ts'
import type { LiveSignals } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

export const ttft: Strategy<Record<string, never>, RankingOptions> = {
  id: 'ttft',
  alsoCalled: ['lowest_ttft', 'time_to_first_token'],
  about: 'Begins with the target whose streams began the soonest of late, by their median.',
  options: z.strictObject(rankingOptions),
  targetOptions: z.strictObject({}),
  compile: (targets, options) => {
    const ranking = {
      ...options,
      figure: (signals: LiveSignals) => forGoodAnswer(signals, expectedTtft(signals)),
      better: 'lower',
      unit: 'ms',
    } as const
    return (_query, context) => ranked(targets, ranking, context)
  },
}
