/** A circuit under a clock of the test's own. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CircuitSettings } from '../../config/types.ts'
import type { CircuitState } from '../../kernel/signals.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { CircuitBreaker } from './circuit-breaker.ts'

const usual: CircuitSettings = {
  enabled: true,
  failures: 5,
  errorRatio: 0.5,
  minRequests: 20,
  window: 60_000,
  recovery: 10_000,
  maxRecovery: 40_000,
  successes: 3,
  probes: 1,
}

function circuit(settings: Partial<CircuitSettings> = {}) {
  const clock = new FakeClock()
  const changes: CircuitState[] = []
  const breaker = new CircuitBreaker({
    clock,
    settings: { ...usual, ...settings },
    onChange: (_from, to) => changes.push(to),
  })
  const call = (...outcomes: (boolean | undefined)[]): void => {
    for (const good of outcomes) breaker.leave(breaker.enter(), good)
  }
  return { clock, breaker, changes, call }
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('a circuit', () => {
  it('opens after failures in a row, and not before', () => {
    const { breaker, call, changes } = circuit()
    call(...times(4, false))
    expect([breaker.state, breaker.waitMs()]).toEqual(['closed', 0])
    call(true, ...times(4, false))
    expect(breaker.state).toBe('closed')
    call(false)
    expect([breaker.state, breaker.waitMs()]).toEqual(['open', 10_000])
    expect(changes).toEqual(['open'])
  })

  it('does not take failures for a row that lie further apart than the window', () => {
    const { clock, breaker, call } = circuit({ minRequests: 1000 })
    for (let failure = 0; failure < 12; failure += 1) {
      call(false)
      clock.skip(20_000)
    }
    expect(breaker.state).toBe('closed')
  })

  it('opens when too great a share of the calls in the window failed', () => {
    const { breaker, call } = circuit()
    for (let pair = 0; pair < 9; pair += 1) call(true, false)
    expect(breaker.state).toBe('closed')
    call(true, false)
    expect(breaker.state).toBe('open')
  })

  it('forgets calls that are older than the window', () => {
    const { clock, breaker, call } = circuit()
    for (let pair = 0; pair < 9; pair += 1) call(false, true)
    clock.skip(66_000)
    expect(breaker.counts).toEqual({ failures: 0, calls: 0 })
    call(false, true, false, true)
    expect(breaker.state).toBe('closed')
  })

  it('takes no notice of calls that tell nothing', () => {
    const { breaker, call } = circuit()
    call(...times(4, false), ...times(100, undefined))
    expect(breaker.state).toBe('closed')
    call(false)
    expect(breaker.state).toBe('open')
  })

  it('lets one call at a time through when it has recovered, and closes after three good ones', () => {
    const { clock, breaker, call, changes } = circuit()
    call(...times(5, false))
    clock.skip(9_999)
    expect(breaker.waitMs()).toBe(1)
    clock.skip(1)
    expect([breaker.state, breaker.waitMs()]).toEqual(['half-open', 0])
    const ticket = breaker.enter()
    expect(breaker.waitMs()).toBeGreaterThan(0)
    breaker.leave(ticket, true)
    expect(breaker.waitMs()).toBe(0)
    call(true)
    expect(breaker.state).toBe('half-open')
    call(true)
    expect(changes).toEqual(['open', 'half-open', 'closed'])
  })

  it('opens for twice as long each time, up to the most, and for the first time again once it was closed', () => {
    const { clock, breaker, call } = circuit()
    call(...times(5, false))
    for (const length of [20_000, 40_000, 40_000]) {
      clock.skip(breaker.waitMs())
      call(false)
      expect(breaker.waitMs()).toBe(length)
    }
    clock.skip(breaker.waitMs())
    call(true, true, true, ...times(5, false))
    expect(breaker.waitMs()).toBe(10_000)
  })

  it('does not count calls that began before it changed', () => {
    const { clock, breaker, call } = circuit()
    const early = breaker.enter()
    call(...times(5, false))
    clock.skip(10_000)
    const probe = breaker.enter()
    breaker.leave(early, false)
    expect(breaker.state).toBe('half-open')
    breaker.leave(probe, true)
    expect(breaker.waitMs()).toBe(0)
  })

  it('does nothing when it is turned off', () => {
    const { breaker, call } = circuit({ enabled: false })
    call(...times(200, false))
    expect([breaker.state, breaker.waitMs()]).toEqual(['closed', 0])
  })

  it('stays as somebody set it until it is reset', () => {
    const { clock, breaker, call } = circuit()
    breaker.hold('open')
    clock.skip(1_000_000)
    expect([breaker.state, breaker.isHeld]).toEqual(['open', true])
    expect(breaker.waitMs()).toBeGreaterThan(0)
    call(true, true, true, true)
    expect(breaker.state).toBe('open')
    breaker.hold('closed')
    call(...times(50, false))
    expect([breaker.state, breaker.waitMs()]).toEqual(['closed', 0])
    breaker.reset()
    call(...times(5, false))
    expect(breaker.state).toBe('open')
  })

  it('is never stuck: after whatever happened, time and good calls close it', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('call' as const), good: fc.option(fc.boolean(), { nil: undefined }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ kind: fc.constant('begin' as const) }),
      fc.record({ kind: fc.constant('end' as const), good: fc.option(fc.boolean(), { nil: undefined }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { clock, breaker, call } = circuit()
        const open: number[] = []
        for (const each of steps) {
          if (each.kind === 'wait') clock.skip(each.ms)
          else if (each.kind === 'begin') open.push(breaker.enter())
          else if (each.kind === 'call') call(each.good)
          else {
            const ticket = open.shift()
            if (ticket !== undefined) breaker.leave(ticket, each.good)
          }
          expect(breaker.waitMs()).toBeGreaterThanOrEqual(0)
          expect(breaker.waitMs()).toBeLessThanOrEqual(usual.maxRecovery)
        }
        for (const ticket of open) breaker.leave(ticket, undefined)
        clock.skip(usual.maxRecovery)
        call(true, true, true)
        expect([breaker.state, breaker.waitMs()]).toEqual(['closed', 0])
      }),
      { numRuns: 60 },
    )
  })
})
