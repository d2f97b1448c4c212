/** The calendar of budgets: when a day, a month or all of time began, in UTC. Stores, journal and limits must agree on it to the millisecond. */
import type { BudgetPeriod } from './key.ts'

export const budgetPeriods: readonly BudgetPeriod[] = ['day', 'month', 'total']

const dayMs = 86_400_000

/** First millisecond (Unix, UTC) of the period that contains `at`; 0 for `total`. */
export function periodStart(period: BudgetPeriod, at: number): number {
  switch (period) {
    case 'day':
      return Math.floor(at / dayMs) * dayMs
    case 'month': {
      const date = new Date(at)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
    }
    case 'total':
      return 0
  }
}

/** First millisecond after the period that contains `at`; undefined for `total`, which never ends. */
export function periodEnd(period: BudgetPeriod, at: number): number | undefined {
  switch (period) {
    case 'day':
      return periodStart('day', at) + dayMs
    case 'month': {
      const date = new Date(at)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
    }
    case 'total':
      return undefined
  }
}
