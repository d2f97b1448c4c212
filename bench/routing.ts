/**
 * The benchmark of strategies, in virtual time and the same in every run: twenty deployments that become slow, fail, flap, refuse or change
 * their price, and what clients notice of it under each strategy, beside an oracle that knows all. Usage: routing.ts [--seed N] [--scenario NAME] [--check]
 */
import { parseArgs } from 'node:util'
import { strategies } from '../src/builtins.gen.ts'
import type { Strategy } from '../src/kernel/strategy.ts'
import { scenarios } from './routing/scenarios.ts'
import { simulate } from './routing/simulate.ts'
import type { Contestant, Outcome } from './routing/simulate.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, scenario: { type: 'string' }, check: { type: 'boolean' } },
})

/** Shares of failed requests, and of calls that it takes more than while all is calm; how much slower than the oracle `latency` may be. */
const limits = { failed: 0.001, extraCalls: 0.05, latencyRegret: 0.15 }

const withOptions: Readonly<Record<string, object>> = {
  optimized: { metric: 'latency' },
  cost: { max_latency: 2500 },
}
const contestants: Readonly<Record<string, Contestant>> = {
  'oracle (quickest)': { oracle: 'latency' },
  'oracle (cheapest)': { oracle: 'cost' },
  ...Object.fromEntries(
    (strategies as readonly Strategy[])
      // There is nothing to tell requests or models apart by, and nobody to ask.
      .filter(({ id, configuredOnly }) => id !== 'conditional' && id !== 'quality' && configuredOnly !== true)
      .map((strategy) => [strategy.id, { strategy, options: withOptions[strategy.id] ?? {} }]),
  ),
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`
const meanCost = ({ cost, waits }: Outcome): number => cost / Math.max(1, waits.length)
const failures: string[] = []
/** Calls for a request while all is calm: a target that has no room costs calls too. */
const calm = new Map<string, number>()

for (const [name, scenario] of Object.entries(scenarios)) {
  if (values.scenario !== undefined && values.scenario !== name) continue
  console.log(`\n${name.replaceAll('_', '-')}`)
  console.log(
    `${'strategy'.padEnd(22)}${'failed'.padStart(9)}${'extra calls'.padStart(13)}${'P50 ms'.padStart(9)}${'P99 ms'.padStart(9)}${'regret'.padStart(9)}${'mean cost'.padStart(12)}${'regret'.padStart(9)}`,
  )
  const best: Partial<Record<'latency' | 'cost', Outcome>> = {}
  for (const [label, contestant] of Object.entries(contestants)) {
    const outcome = simulate(contestant, scenario, Number(values.seed))
    if (contestant.oracle !== undefined) best[contestant.oracle] = outcome
    print(label, outcome, best)
    if (contestant.strategy !== undefined) check(name, label, outcome, best)
  }
}

function print(label: string, outcome: Outcome, best: Partial<Record<'latency' | 'cost', Outcome>>): void {
  const { latency, cost } = figuresOf(outcome, best)
  const { requests, failed, calls, waits } = outcome
  console.log(
    label.padEnd(22) +
      percent(failed / requests, 3).padStart(9) +
      percent(calls / requests - 1).padStart(13) +
      quantile(waits, 0.5).toFixed(0).padStart(9) +
      quantile(waits, 0.99).toFixed(0).padStart(9) +
      percent(latency, 0).padStart(9) +
      `$${(meanCost(outcome) / 1e9).toFixed(5)}`.padStart(12) +
      percent(cost, 0).padStart(9),
  )
}

/** How much slower and how much dearer than the oracle. */
function figuresOf(
  outcome: Outcome,
  { latency = outcome, cost = outcome }: Partial<Record<'latency' | 'cost', Outcome>>,
) {
  return {
    latency: quantile(outcome.waits, 0.5) / quantile(latency.waits, 0.5) - 1,
    cost: meanCost(outcome) / meanCost(cost) - 1,
  }
}

function check(
  scenario: string,
  label: string,
  outcome: Outcome,
  best: Partial<Record<'latency' | 'cost', Outcome>>,
): void {
  const { requests, failedBehindCircuits, calls } = outcome
  if (scenario === 'calm') calm.set(label, calls / requests)
  if (scenario === 'black_out') {
    if (failedBehindCircuits / requests >= limits.failed) failures.push(`${label}: clients notice the black-out`)
    if (calls / requests - (calm.get(label) ?? 1) > limits.extraCalls)
      failures.push(`${label}: too many extra calls in the black-out`)
  }
  const { latency } = figuresOf(outcome, best)
  if (label === 'latency' && latency > limits.latencyRegret)
    failures.push(`latency: ${percent(latency)} slower than the oracle in ${scenario}`)
}

for (const failure of failures) console.error(`missed: ${failure}`)
if (values.check === true && failures.length > 0) process.exitCode = 1
