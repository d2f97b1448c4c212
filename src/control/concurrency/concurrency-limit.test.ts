/** Whatever comes and goes: never more at once than may be, nobody forgotten, keys by turns. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BothSlots } from '../../kernel/slots.ts'
import type { SlotEntry, Slots } from '../../kernel/slots.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'

const limitOf = (most: number, queueSize: number, clock = new FakeClock()) =>
  new ConcurrencyLimit(clock, { most, queueSize, queueTimeout: 1000 })

type State = 'in' | 'waiting' | 'turned away' | 'left'

/** One request, and how it stands. */
function request(slots: Slots, key = 'k'): { state: State; leave(): void } {
  const one = {
    state: 'waiting' as State,
    leave() {
      one.state = 'left'
      entry?.leave()
    },
  }
  const entry: SlotEntry | undefined = slots.enter(key, (inTime) => {
    one.state = inTime ? 'in' : 'turned away'
    if (!inTime) entry?.leave()
  })
  if (entry === undefined) one.state = 'turned away'
  else if (!entry.waits) one.state = 'in'
  return one
}

describe('a limit of requests at once', () => {
  it('lets in so many, lets so many wait, and turns the rest away', () => {
    const limit = limitOf(2, 1)
    const all = Array.from({ length: 4 }, () => request(limit))
    expect(all.map(({ state }) => state)).toEqual(['in', 'in', 'waiting', 'turned away'])
    all[0]?.leave()
    expect(all[2]?.state).toBe('in')
  })

  it('takes keys by turns', () => {
    const limit = limitOf(1, 10)
    const first = request(limit)
    const many = Array.from({ length: 3 }, () => request(limit, 'many'))
    const few = request(limit, 'few')
    first.leave()
    expect(many[0]?.state).toBe('in')
    many[0]?.leave()
    expect([few.state, many[1]?.state]).toEqual(['in', 'waiting'])
  })

  it('turns those away that have waited long enough', async () => {
    const clock = new FakeClock()
    const limit = limitOf(1, 1, clock)
    request(limit)
    const second = request(limit)
    await clock.advance(999)
    expect(second.state).toBe('waiting')
    await clock.advance(1)
    expect([second.state, limit.waiting, clock.timers]).toEqual(['turned away', 0, 0])
  })

  it('lets those in who wait when it grows by a reload', () => {
    const limit = limitOf(1, 5)
    request(limit)
    const second = request(limit)
    limit.settings = { most: 2, queueSize: 5, queueTimeout: 1000 }
    expect(second.state).toBe('in')
  })

  it('holds together with another: a place in the one is given back where the other has none', () => {
    const [outer, inner] = [limitOf(2, 0), limitOf(1, 0)]
    const both = new BothSlots(outer, inner)
    const first = request(both)
    expect([request(both).state, outer.inUse]).toEqual(['turned away', 1])
    first.leave()
    expect([outer.inUse, inner.inUse]).toEqual([0, 0])
  })

  const step = fc.oneof(
    fc.record({ kind: fc.constant('come' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('leave' as const), which: fc.nat(40) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 700 }) }),
  )
  it('is never more than full, and never keeps anybody waiting with room left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(3),
        fc.boolean(),
        async (steps, most, queueSize, two) => {
          const clock = new FakeClock()
          const limit = limitOf(most, queueSize, clock)
          const second = limitOf(2, 2, clock)
          const slots = two ? new BothSlots(limit, second) : limit
          const all: ReturnType<typeof request>[] = []
          for (const each of steps) {
            if (each.kind === 'come') all.push(request(slots, each.key))
            else if (each.kind === 'leave') all[each.which % Math.max(1, all.length)]?.leave()
            else await clock.advance(each.ms)
            const inside = all.filter(({ state }) => state === 'in').length
            const waiting = all.filter(({ state }) => state === 'waiting').length
            expect(limit.inUse).toBeLessThanOrEqual(most)
            expect(limit.waiting).toBeLessThanOrEqual(queueSize)
            if (limit.waiting > 0) expect(limit.inUse).toBe(most)
            if (!two) expect([limit.inUse, limit.waiting]).toEqual([inside, waiting])
            else expect(second.inUse).toBe(inside)
          }
          for (const one of all) one.leave()
          expect([limit.inUse, limit.waiting, second.inUse, second.waiting, clock.timers]).toEqual([0, 0, 0, 0, 0])
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('an adaptive limit', () => {
  it('grows while it is used and answers well, and not while it is idle', () => {
    const limit = new AdaptiveLimit()
    for (let answer = 0; answer < 400; answer += 1) limit.learn({ kind: 'good' }, 1, answer)
    expect(limit.value).toBe(20)
    for (let answer = 0; answer < 400; answer += 1) limit.learn({ kind: 'good' }, limit.value, answer)
    expect(limit.value).toBeGreaterThan(30)
  })

  it('falls when the service is overloaded, once for what fails together, and never below one', () => {
    const limit = new AdaptiveLimit()
    for (let failure = 0; failure < 5; failure += 1) limit.learn({ kind: 'overloaded' }, 20, 100)
    expect(limit.value).toBe(14)
    for (let second = 1; second < 100; second += 1) limit.learn({ kind: 'overloaded' }, 20, second * 2000)
    expect(limit.value).toBe(1)
  })

  it('falls when answers become slow', () => {
    const limit = new AdaptiveLimit()
    for (let answer = 0; answer < 100; answer += 1) limit.learn({ kind: 'good', firstByteMs: 100 }, 1, answer * 50)
    expect(limit.value).toBe(20)
    for (let answer = 0; answer < 20; answer += 1)
      limit.learn({ kind: 'good', firstByteMs: 900 }, 1, 10_000 + answer * 500)
    expect(limit.value).toBeLessThan(16)
  })
})
