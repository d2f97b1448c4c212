/**
 * Where somebody pays more than they would have to: for each key and model with enough requests, the deployment that is at least about as
 * good at everything that is known of both, and clearly cheaper for requests of the size that were made.
 */
import type { Deployment } from '../../kernel/deployment.ts'
import { costOf } from '../../model/cost.ts'
import type { NanoUsd } from '../../model/money.ts'
import { taskClasses } from '../../model/task-class.ts'
import type { UsageRow } from '../../stores/usage-store.ts'

export interface Recommendation {
  readonly from: string
  readonly to: string
  readonly requests: number
  readonly cost: NanoUsd
  /** What the same would have cost there, by its tokens. */
  readonly instead: NanoUsd
  /** The mean of the marks that are known of both. */
  readonly quality: { readonly from: number; readonly to: number }
}

/** Requests below which nothing is said. */
export const enoughRequests = 50
/** Points that another may be worse at any task. */
const tolerance = 3
/** Share of the cost that must be saved. */
const worthwhile = 0.2

/** `rows` are a key's sums by model; `deployments` those that it may use. `now` in Unix milliseconds. */
export function recommend(
  rows: readonly UsageRow[],
  deployments: readonly Deployment[],
  now: number,
): Recommendation[] {
  return rows
    .flatMap((row) => {
      const cost = Number(row.cost)
      if (row.requests < enoughRequests || row.unpriced > 0 || cost === 0) return []
      const current = deployments.find(({ model }) => model === row.group)
      if (current === undefined) return []
      const better = deployments
        .filter(({ id }) => id !== current.id)
        .flatMap((other) => {
          const quality = compared(current, other)
          const instead = costAt(other, row, now)
          return quality !== undefined && instead !== undefined && instead <= cost * (1 - worthwhile)
            ? [{ from: current.id, to: other.id, requests: row.requests, cost, instead, quality }]
            : []
        })
      return better.toSorted((a, b) => a.instead - b.instead || b.quality.to - a.quality.to).slice(0, 1)
    })
    .toSorted((a, b) => b.cost - b.instead - (a.cost - a.instead))
}

/** Undefined where nothing is known of both, or the other is worse at something. */
function compared(current: Deployment, other: Deployment): Recommendation['quality'] | undefined {
  const marks = taskClasses.flatMap((task) => {
    const from = current.quality?.(task)
    const to = other.quality?.(task)
    return from === undefined || to === undefined ? [] : [{ from, to }]
  })
  if (marks.length === 0 || marks.some(({ from, to }) => to < from - tolerance)) return undefined
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  return { from: mean(marks.map(({ from }) => from)), to: mean(marks.map(({ to }) => to)) }
}

/** By the mean request, because what a request costs may depend on its size. */
function costAt(deployment: Deployment, row: UsageRow, now: number): NanoUsd | undefined {
  const price = deployment.priceAt(now)
  if (price === undefined) return undefined
  const { total, missing } = costOf(
    {
      input: { total: Math.round(row.inputTokens / row.requests), cacheRead: 0 },
      output: { total: Math.round(row.outputTokens / row.requests) },
    },
    price,
  )
  return missing === undefined ? total * row.requests : undefined
}
