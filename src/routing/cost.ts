/** The target where this very request would cost the least, among those that are good enough. */
import { z } from 'zod'
import { bestQuality, lowestCost } from '../kernel/best-quality.ts'
import { bestOf, expectedLatency, expectedTtft } from '../kernel/ranking.ts'
import type { Strategy, StrategyQuery, StrategyTarget } from '../kernel/strategy.ts'
import { taskOf } from '../kernel/task-of.ts'
import { taskClasses } from '../model/task-class.ts'
import type { TaskClass } from '../model/task-class.ts'

interface Floors {
  readonly max_latency?: number | undefined
  readonly max_ttft?: number | undefined
  readonly max_error_rate?: number | undefined
  readonly min_health?: number | undefined
  readonly min_quality?: number | undefined
  readonly task: TaskClass | 'auto'
}

const milliseconds = z.number().positive()

export const cost: Strategy<Record<string, never>, Floors> = {
  id: 'cost',
  alsoCalled: ['lowest_cost', 'cost-based-routing', 'price'],
  about:
    'Begins with the target where this request will probably cost the least, by its own size; targets below a floor come last.',
  options: z.strictObject({
    max_latency: milliseconds.optional().describe('Milliseconds that the median answer may take.'),
    max_ttft: milliseconds.optional().describe('Milliseconds that the median stream may take to begin.'),
    max_error_rate: z.number().min(0).max(1).optional().describe('Share of its attempts that may fail.'),
    min_health: z.number().min(0).max(100).optional().describe('The least health score.'),
    min_quality: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'The least mark for its [quality](routing.md#quality); targets that nothing is known of do not reach it.',
      ),
    task: z
      .enum(['auto', ...taskClasses])
      .default('auto')
      .describe('What `min_quality` is about: a kind of work, or `auto` to guess it from each request.'),
  }),
  targetOptions: z.strictObject({}),
  compile:
    (targets, floors) =>
    (query, { explain }) => {
      const places = targets.map((target) => {
        const price = lowestCost(target, query)
        const below = shortfall(target, floors) ?? belowQuality(target, floors, query)
        explain?.(target, {
          ...(price !== undefined && { score: price / 1e9, unit: 'USD' }),
          ...(below !== undefined ? { note: below } : price === undefined && { note: 'its price is not known' }),
        })
        return { target, price: price ?? Infinity, below: below === undefined ? 0 : 1 }
      })
      places.sort((a, b) => a.below - b.below || (a.price === b.price ? 0 : a.price - b.price))
      return places.map(({ target }) => target)
    },
}

function belowQuality(target: StrategyTarget, { min_quality, task }: Floors, query: StrategyQuery): string | undefined {
  if (min_quality === undefined) return undefined
  const mark = bestQuality(target, task === 'auto' ? taskOf(query) : task)
  if (mark === undefined) return 'nothing is known of its quality'
  return mark < min_quality ? `its quality is ${mark.toFixed(0)}` : undefined
}

/** Which floor it does not reach. What nothing is known of is given a chance. */
function shortfall(target: StrategyTarget, floors: Floors): string | undefined {
  const { max_latency, max_ttft, max_error_rate, min_health } = floors
  const latency = max_latency === undefined ? undefined : bestOf(target, (signals) => expectedLatency(signals), 1)
  if (latency !== undefined && latency > (max_latency ?? 0)) return `its answers take ${Math.round(latency)} ms`
  const ttft = max_ttft === undefined ? undefined : bestOf(target, (signals) => expectedTtft(signals), 1)
  if (ttft !== undefined && ttft > (max_ttft ?? 0)) return `its streams take ${Math.round(ttft)} ms to begin`
  const errors = max_error_rate === undefined ? undefined : bestOf(target, (signals) => signals.errorRate(), 1)
  if (errors !== undefined && errors > (max_error_rate ?? 0))
    return `${(errors * 100).toFixed(1)} % of its attempts fail`
  const health = min_health === undefined ? undefined : bestOf(target, (signals) => signals.health(), -1)
  if (health !== undefined && health < (min_health ?? 0)) return `its health is ${health}`
  return undefined
}
