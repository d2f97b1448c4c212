/** What is learnt of a deployment from its attempts: close to the truth, newer things first, in fixed memory. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { Fault } from '../../model/fault.ts'
import { LiveDeployment } from './live-signals.ts'
import { QuantileSketch } from './quantile-sketch.ts'
import { SignalBook } from './signal-book.ts'

function deployment() {
  const clock = new FakeClock()
  const live = new LiveDeployment(clock)
  const answer = (durationMs: number, more: { firstByteMs?: number; stream?: boolean; outputTokens?: number } = {}) => {
    live.begin()
    live.end({ durationMs, stream: false, ...more })
  }
  const failure = (code: 'provider_error' | 'client_gone' | 'invalid_request' = 'provider_error') => {
    live.begin()
    live.end({ fault: new Fault(code, 'no'), durationMs: 1, stream: false })
  }
  return { clock, live, answer, failure }
}

describe('live signals', () => {
  it('know nothing before there was anything', () => {
    const { live } = deployment()
    expect([live.latency(0.5), live.ttft(0.5), live.throughput(), live.errorRate()]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect([live.health(), live.inFlight, live.requests]).toEqual([100, 0, 0])
  })

  it('tell quantiles within four percent', () => {
    const { live, answer } = deployment()
    for (let ms = 1; ms <= 1000; ms += 1) answer(ms)
    expect(live.latency(0.5)).toBeGreaterThan(480)
    expect(live.latency(0.5)).toBeLessThan(520)
    expect(live.latency(0.95)).toBeGreaterThan(912)
    expect(live.latency(0.95)).toBeLessThan(988)
  })

  it('follow a deployment that becomes slow', () => {
    const { clock, live, answer } = deployment()
    for (let count = 0; count < 500; count += 1) answer(100)
    clock.skip(600_000)
    for (let count = 0; count < 50; count += 1) answer(2000)
    expect(live.latency(0.5)).toBeGreaterThan(1900)
    expect(live.health()).toBeLessThan(100)
  })

  it('take the first byte from streams alone, and tokens a second from what was written', () => {
    const { live, answer } = deployment()
    answer(1000, { firstByteMs: 900 })
    expect(live.ttft(0.5)).toBeUndefined()
    answer(2000, { firstByteMs: 300, stream: true, outputTokens: 100 })
    expect(live.ttft(0.5)).toBeCloseTo(300, -1.4)
    expect(live.throughput()).toBeGreaterThan(48)
    expect(live.throughput()).toBeLessThan(52)
  })

  it('count against a deployment only what is its fault', () => {
    const { live, answer, failure } = deployment()
    answer(10)
    failure('client_gone')
    failure('invalid_request')
    expect([live.errorRate(), live.health(), live.requests]).toEqual([0, 100, 3])
    failure()
    expect(live.errorRate()).toBe(0.5)
    expect(live.failuresByFault()).toEqual(new Map([['provider_error', 1]]))
  })

  it('forgive with time', () => {
    const { clock, live, failure } = deployment()
    for (let count = 0; count < 10; count += 1) failure()
    expect(live.health()).toBeLessThan(15)
    clock.skip(10 * 60_000)
    expect(live.health()).toBeGreaterThan(90)
  })

  it('believe a check until an answer says otherwise', () => {
    const { live, answer } = deployment()
    live.checked(false)
    expect(live.health()).toBe(20)
    answer(10)
    expect(live.health()).toBe(100)
  })

  it('sum windows that forget', () => {
    const { clock, live, answer } = deployment()
    answer(100, { outputTokens: 5 })
    live.spent(700)
    clock.skip(20 * 60_000)
    answer(300)
    expect(live.window('15m')).toMatchObject({ requests: 1, latencyMs: 300, outputTokens: 0, cost: 0 })
    expect(live.window('1h')).toMatchObject({ requests: 2, latencyMs: 400, outputTokens: 5, cost: 700 })
    clock.skip(2 * 3_600_000)
    expect(live.window('1h')).toMatchObject({ requests: 0 })
    expect(live.window('total')).toMatchObject({ requests: 2, latencyMs: 400 })
  })

  it('tell of load: what there is, what there usually is, and how long it has been there', () => {
    const { clock, live } = deployment()
    expect([live.usualInFlight(), live.ageInFlight()]).toEqual([0, 0])
    live.begin()
    clock.skip(100)
    live.begin()
    clock.skip(100)
    expect(live.ageInFlight()).toBe(150)
    live.end({ durationMs: 200, stream: false })
    expect([live.inFlight, live.ageInFlight(), live.usualInFlight()]).toEqual([1, 100, 2])
    clock.skip(60_000)
    live.end({ durationMs: 60_100, stream: false })
    expect([live.inFlight, live.ageInFlight()]).toEqual([0, 0])
    expect(live.usualInFlight()).toBeCloseTo(1, 2)
  })

  it('merge sketches as if one had seen all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 2, maxLength: 100 }),
        (values) => {
          const [whole, left, right] = [0, 1, 2].map(() => new QuantileSketch(1000, 0))
          for (const [index, value] of values.entries()) {
            whole?.add(value, 0)
            ;(index % 2 === 0 ? left : right)?.add(value, 0)
          }
          left?.merge(right as QuantileSketch, 0)
          for (const quantile of [0, 0.5, 0.9, 1]) {
            expect(left?.quantile(quantile, 0)).toBe(whole?.quantile(quantile, 0))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('are right after years without a restart', () => {
    const sketch = new QuantileSketch(1000, 0)
    for (let day = 0; day < 400; day += 1) sketch.add(day < 399 ? 10 : 500, day * 86_400_000)
    expect(sketch.quantile(0.5, 399 * 86_400_000)).toBeGreaterThan(480)
  })
})

describe('the book of signals', () => {
  it('remembers a bounded number of deployments, and none less that is being called', () => {
    const clock = new FakeClock()
    const book = new SignalBook(clock, () => undefined)
    const busy = book.signalsOf('p/busy')
    busy.begin()
    for (let count = 0; count < 12_000; count += 1) {
      clock.skip(1)
      book.signalsOf(`p/${count}`)
    }
    expect(book.all().size).toBeLessThanOrEqual(5000)
    expect(book.signalsOf('p/busy')).toBe(busy)
    expect(book.all().has('p/11999')).toBe(true)
  })
})
