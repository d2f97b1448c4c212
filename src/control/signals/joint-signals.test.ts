/** Several deployments together look as one would that had had all their attempts. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { Fault } from '../../model/fault.ts'
import { JointSignals } from './joint-signals.ts'
import { LiveDeployment } from './live-signals.ts'

const attempt = fc.record({
  at: fc.nat(2),
  wait: fc.nat(200_000),
  durationMs: fc.integer({ min: 1, max: 60_000 }),
  stream: fc.boolean(),
  failed: fc.boolean(),
  outputTokens: fc.nat(500),
})

describe('the signals of several deployments together', () => {
  it('are those of one that had all their attempts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 40 }), async (attempts) => {
        const clock = new FakeClock()
        const parts = [0, 1, 2].map(() => new LiveDeployment(clock))
        const whole = new LiveDeployment(clock)
        for (const { at, wait, failed, ...rest } of attempts) {
          await clock.advance(wait)
          const outcome = {
            ...rest,
            firstByteMs: rest.durationMs / 2,
            ...(failed && { fault: new Fault('provider_error', 'No.') }),
          }
          for (const live of [parts[at]!, whole]) {
            live.begin()
            live.end(outcome)
            live.spent(7)
          }
        }
        const joint = new JointSignals(parts, clock.monotonic())
        expect(joint.requests).toBe(whole.requests)
        expect(joint.inFlight).toBe(0)
        expect(joint.errorRate()).toBeCloseTo(whole.errorRate() ?? NaN, 9)
        for (const window of ['total', '15m', '1h'] as const) {
          const sums = joint.windows()[window]
          for (const [field, sum] of Object.entries(whole.window(window)))
            expect(sums[field as keyof typeof sums]).toBeCloseTo(sum, 6)
        }
        // A quantile is one of a row of values that are 8 % apart: added up in another order it may be the next.
        for (const read of [
          (live: Pick<LiveDeployment, 'latency'>) => live.latency(0.5),
          (live: Pick<LiveDeployment, 'latency'>) => live.latency(0.95),
        ]) {
          const [own, all] = [read(joint), read(whole)]
          expect(own === undefined).toBe(all === undefined)
          if (own !== undefined && all !== undefined) expect(Math.abs(Math.log(own / all))).toBeLessThan(0.08)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are as well as the best of them', () => {
    const clock = new FakeClock()
    const [good, bad] = [new LiveDeployment(clock), new LiveDeployment(clock)]
    for (let count = 0; count < 9; count += 1) {
      good.begin()
      good.end({ durationMs: 10, stream: false })
      bad.begin()
      bad.end({ durationMs: 10, stream: false, fault: new Fault('provider_error', 'No.') })
    }
    expect(new JointSignals([bad, good], clock.monotonic()).health()).toBe(100)
    expect(new JointSignals([bad], clock.monotonic()).health()).toBe(bad.health())
  })
})
