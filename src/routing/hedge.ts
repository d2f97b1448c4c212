/** Asks the next target as well when the first has not begun to answer for a while: few requests are slow twice at once. */
import { z } from 'zod'
import { bestOf } from '../kernel/ranking.ts'
import type { Strategy } from '../kernel/strategy.ts'

interface HedgeOptions {
  readonly after: number | string
  readonly max: number
  readonly budget: number
}

export const hedge: Strategy<Record<string, never>, HedgeOptions> = {
  id: 'hedge',
  alsoCalled: ['hedged', 'speculative'],
  about:
    'Keeps the configured order, and asks the next target beside the first when that takes long; the first good answer is given, the others are let go.',
  options: z.strictObject({
    after: z
      .union([z.number().positive().max(600_000), z.string().regex(/^p[1-9]\d?$/, { error: 'is no percentile' })], {
        error: () => 'expected milliseconds, or a percentile such as `p95`',
      })
      .default('p95')
      .describe(
        'Milliseconds after which the next target is asked: 800, or how long the first takes by what is learnt of it: `p95`, of whole answers or, for streams, to their first byte.',
      ),
    max: z.number().int().min(1).max(4).default(1).describe('How many targets are asked beside the first.'),
    budget: z.number().gt(0).max(1).default(0.05).describe('Of the requests, the share that may be hedged.'),
  }),
  targetOptions: z.strictObject({}),
  atOnce: ({ max }) => 1 + max,
  compile:
    (targets, { after, max, budget }) =>
    (query, { explain }) => {
      const [first] = targets
      const quantile = typeof after === 'string' ? Number(after.slice(1)) / 100 : undefined
      const wait =
        quantile === undefined
          ? Number(after)
          : first &&
            bestOf(first, (signals) => (query.stream ? signals.ttft : signals.latency).call(signals, quantile), 1)
      if (first !== undefined)
        explain?.(
          first,
          wait === undefined ? { note: 'too little is known of it to hedge' } : { score: wait, unit: 'ms' },
        )
      return wait === undefined ? targets : { targets, hedge: { after: wait, most: max, share: budget } }
    },
}
