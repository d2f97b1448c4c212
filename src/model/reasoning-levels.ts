/**
 * The one table that turns a reasoning effort into a token budget and back, for protocols that know only one of the two. The
 * budgets follow the sizes providers recommend for the levels.
 */
import type { ReasoningEffort } from './chat.ts'

const budgets: readonly (readonly [ReasoningEffort, number])[] = [
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
  ['xhigh', 32_768],
  ['max', 65_536],
]

/** Tokens to think at this effort; 0 for `none`. */
export function budgetForEffort(effort: ReasoningEffort): number {
  return budgets.find(([level]) => level === effort)?.[1] ?? 0
}

/** The lowest effort whose budget covers `budget` tokens. */
export function effortForBudget(budget: number): ReasoningEffort {
  if (budget <= 0) return 'none'
  return budgets.find(([, tokens]) => budget <= tokens)?.[0] ?? 'max'
}
