/** The target that is best at what is asked; among those that are about as good, the cheapest. */
import { z } from 'zod'
import { bestQuality, lowestCost } from '../kernel/best-quality.ts'
import type { Strategy } from '../kernel/strategy.ts'
import { taskOf } from '../kernel/task-of.ts'
import { taskClasses } from '../model/task-class.ts'
import type { TaskClass } from '../model/task-class.ts'

interface Mark {
  readonly quality?: number | undefined
}

interface Options {
  readonly task: TaskClass | 'auto'
  readonly min_quality: number
  readonly tolerance: number
}

export const quality: Strategy<Mark, Options> = {
  id: 'quality',
  alsoCalled: ['best_quality', 'intelligence'],
  about:
    'Begins with the target that is best at the task, by published benchmarks and by how its answers turn out; among those about as good, with the cheapest for this request.',
  options: z.strictObject({
    task: z
      .enum(['auto', ...taskClasses])
      .default('auto')
      .describe('What is asked: a kind of work, or `auto` to guess it from each request.'),
    min_quality: z.number().min(0).max(100).default(0).describe('Targets below this mark come last.'),
    tolerance: z
      .number()
      .min(0)
      .max(100)
      .default(3)
      .describe(
        'Targets that are worse than the best by no more than so many points are as good: the cheapest comes first.',
      ),
  }),
  targetOptions: z.strictObject({
    quality: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe('Your own mark for it, 0 to 100, in place of what is known.'),
  }),
  compile:
    (targets, { task: wanted, min_quality, tolerance }) =>
    (query, { explain }) => {
      const task = wanted === 'auto' ? taskOf(query) : wanted
      const places = targets.map((target) => {
        const mark = target.options.quality ?? bestQuality(target, task)
        const note =
          mark === undefined
            ? 'nothing is known of its quality'
            : mark < min_quality
              ? 'it is below `min_quality`'
              : undefined
        explain?.(target, {
          ...(mark !== undefined && { score: Math.round(mark * 10) / 10, unit: `quality at ${task}` }),
          ...(note !== undefined && { note }),
        })
        return {
          target,
          mark: mark ?? -1,
          last: mark === undefined || mark < min_quality,
          cost: lowestCost(target, query) ?? Infinity,
        }
      })
      places.sort((a, b) => Number(a.last) - Number(b.last) || b.mark - a.mark)
      const good = places.filter(({ last }) => !last)
      const best = good[0]?.mark ?? 0
      const equal = good.filter(({ mark }) => mark >= best - tolerance).sort((a, b) => byCost(a.cost, b.cost))
      return [...equal, ...places.slice(equal.length)].map(({ target }) => target)
    },
}

const byCost = (a: number, b: number): number => (a === b ? 0 : a - b)
