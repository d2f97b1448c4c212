/** How good a target is for a kind of work: as good as its best deployment. */
import type { TaskClass } from '../model/task-class.ts'
import type { StrategyQuery, StrategyTarget } from './strategy.ts'

export function bestQuality({ leaves }: Pick<StrategyTarget, 'leaves'>, task: TaskClass): number | undefined {
  const known = leaves.map((leaf) => leaf.quality?.(task)).filter((mark) => mark !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** Nano-USD at its cheapest deployment; undefined where no price is known. */
export function lowestCost({ leaves }: Pick<StrategyTarget, 'leaves'>, query: StrategyQuery): number | undefined {
  const prices = leaves.map((leaf) => query.expectedCost(leaf)).filter((price) => price !== undefined)
  return prices.length === 0 ? undefined : Math.min(...prices)
}
