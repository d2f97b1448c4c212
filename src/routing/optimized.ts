/** Goes by the average of a figure over a window of time, among the targets that a filter lets through. */
import { z } from 'zod'
import { expectedLatency, expectedThroughput, expectedTtft, ranked, rankingOptions } from '../kernel/ranking.ts'
import type { RankingOptions } from '../kernel/ranking.ts'
import { signalWindows } from '../kernel/signals.ts'
import type { LiveSignals, SignalWindow, WindowSums } from '../kernel/signals.ts'
import type { Strategy } from '../kernel/strategy.ts'

const metrics = ['latency', 'ttft', 'throughput', 'error_rate', 'cost', 'requests', 'health'] as const
type Metric = (typeof metrics)[number]

const bounds = z.strictObject({
  min: z.number().optional().describe('The least that it may be.'),
  max: z.number().optional().describe('The most that it may be.'),
})
type Bounds = z.infer<typeof bounds>

interface Options extends RankingOptions {
  readonly metric: Metric
  readonly window: SignalWindow
  readonly sort?: 'asc' | 'desc' | undefined
  readonly filter: Partial<Record<Metric, Bounds | undefined>>
}

const averages: Record<Metric, (sums: WindowSums, signals: LiveSignals) => number | undefined> = {
  latency: ({ latencyMs, answers }, signals) => known(expectedLatency, signals, share(latencyMs, answers)),
  ttft: ({ ttftMs, streams }, signals) => known(expectedTtft, signals, share(ttftMs, streams)),
  throughput: ({ outputTokens, writingMs }, signals) =>
    known(expectedThroughput, signals, share(outputTokens * 1000, writingMs)),
  error_rate: ({ failures, requests }) => share(failures, requests),
  cost: ({ cost, answers }) => share(cost / 1e9, answers),
  requests: ({ requests }) => requests,
  health: (_sums, signals) => signals.health(),
}

/** The average of the window, corrected by what can be seen already of those under way. */
const known = (
  expectedOf: typeof expectedLatency,
  signals: LiveSignals,
  average: number | undefined,
): number | undefined => (average === undefined ? undefined : expectedOf(signals, average))

const share = (sum: number, of: number): number | undefined => (of === 0 ? undefined : sum / of)

const units: Record<Metric, string> = {
  latency: 'ms',
  ttft: 'ms',
  throughput: 'tokens/s',
  error_rate: 'failures per attempt',
  cost: 'USD per answer',
  requests: 'requests',
  health: 'health',
}

export const optimized: Strategy<Record<string, never>, Options> = {
  id: 'optimized',
  about: 'Begins with the target that has the best average of a figure over a window; a filter leaves others out.',
  options: z.strictObject({
    metric: z
      .enum(metrics)
      .describe(
        'The figure: `latency` and `ttft` in milliseconds, `throughput` in tokens a second, `error_rate` from 0 to 1, `cost` in dollars per answer, `requests`, or `health` from 0 to 100.',
      ),
    window: z.enum(signalWindows).default('15m').describe('What it is the average of.'),
    sort: z
      .enum(['asc', 'desc'])
      .optional()
      .describe('Whether the least or the most of it comes first; without, whichever is better.'),
    filter: z
      .partialRecord(z.enum(metrics), bounds)
      .default({})
      .describe(
        'Bounds of figures over the window: `{ error_rate: { max: 0.05 } }`. Targets outside come last, those of which nothing is known do not.',
      ),
    ...rankingOptions,
  }),
  targetOptions: z.strictObject({}),
  compile(targets, { metric, window, sort, filter, ...options }) {
    const higher = sort === undefined ? metric === 'throughput' || metric === 'health' : sort === 'desc'
    const figure = (of: Metric) => (signals: LiveSignals) => averages[of](signals.window(window), signals)
    const ranking = {
      ...options,
      figure: figure(metric),
      better: higher ? 'higher' : 'lower',
      unit: units[metric],
    } as const
    const filters = Object.entries(filter).flatMap(([of, limits]) =>
      limits === undefined ? [] : [{ figure: figure(of as Metric), ...limits }],
    )
    const passes = (signals: LiveSignals): boolean =>
      filters.every(({ figure: value, min = -Infinity, max = Infinity }) => {
        const known = value(signals)
        return known === undefined || (known >= min && known <= max)
      })
    return (_query, context) => {
      if (filters.length === 0) return ranked(targets, ranking, context)
      const good = targets.filter(({ leaves }) => leaves.some(({ signals }) => passes(signals)))
      const others = targets.filter((target) => !good.includes(target))
      const order = [...ranked(good, ranking, context), ...others]
      for (const target of others) context.explain?.(target, { note: 'the filter does not let it through' })
      return order
    }
  },
}
