/** What clients notice of a bad day, in virtual time: the benchmark of strategies with the few figures that must always hold. */
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../bench/routing/scenarios.ts'
import { simulate } from '../../bench/routing/simulate.ts'
import type { Outcome } from '../../bench/routing/simulate.ts'
import type { Scenario } from '../../bench/routing/world.ts'
import { latency } from '../../src/routing/latency.ts'
import { leastBusy } from '../../src/routing/least-busy.ts'

const median = ({ waits }: Outcome): number => waits[Math.floor(waits.length / 2)] ?? NaN

describe('with one of three providers gone', () => {
  const scenario = scenarios['black_out'] as Scenario
  const oracle = simulate({ oracle: 'latency' }, scenario, 11)

  it('clients notice nothing', () => {
    const { requests, failed, calls } = simulate({ strategy: leastBusy }, scenario, 11)
    expect(failed / requests).toBeLessThan(0.001)
    expect(calls / requests - 1).toBeLessThan(0.05)
  })

  it('answers come about as quickly under latency as they can', () => {
    const outcome = simulate({ strategy: latency }, scenario, 11)
    expect(median(outcome) / median(oracle)).toBeLessThan(1.15)
    expect(outcome.failed / outcome.requests).toBeLessThan(0.001)
  })
})
