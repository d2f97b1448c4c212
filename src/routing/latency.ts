/** Goes by how long whole answers take. */
import { z } from 'zod'
import { expectedLatency, forGoodAnswer, ranked, rankingOptions } from '../kernel/ranking.ts'
import type { RankingOptions } from '../kernel/ranking.ts'
import type { LiveSignals } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

export const latency: Strategy<Record<string, never>, RankingOptions> = {
  id: 'latency',
  alsoCalled: ['lowest_latency', 'latency-based-routing'],
  about: 'Begins with the target whose answers took the least time of late, by their median.',
  options: z.strictObject(rankingOptions),
  targetOptions: z.strictObject({}),
  compile: (targets, options) => {
    const ranking = {
      ...options,
      figure: (signals: LiveSignals) => forGoodAnswer(signals, expectedLatency(signals)),
      better: 'lower',
      unit: 'ms',
    } as const
    return (_query, context) => ranked(targets, ranking, context)
  },
}
