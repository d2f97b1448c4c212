/** A deadline that moves with every chunk. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { Deadline } from './deadline.ts'

describe('a deadline', () => {
  it('expires once, when it is due', async () => {
    const clock = new FakeClock()
    let expired = 0
    new Deadline(clock, () => (expired += 1)).at(100)
    await clock.advance(99)
    expect(expired).toBe(0)
    await clock.advance(1)
    expect(expired).toBe(1)
    await clock.advance(1000)
    expect(expired).toBe(1)
  })

  it('moves later without a new timer each time, and still expires at the last setting', async () => {
    const clock = new FakeClock()
    let expiredAt = 0
    const deadline = new Deadline(clock, () => (expiredAt = clock.monotonic()))
    deadline.at(100)
    for (let chunk = 0; chunk < 50; chunk += 1) {
      await clock.advance(10)
      deadline.at(clock.monotonic() + 100)
      expect(clock.timers).toBe(1)
    }
    await clock.advance(200)
    expect(expiredAt).toBe(600)
  })

  it('moves earlier', async () => {
    const clock = new FakeClock()
    let expiredAt = 0
    const deadline = new Deadline(clock, () => (expiredAt = clock.monotonic()))
    deadline.at(1000)
    deadline.at(50)
    await clock.advance(2000)
    expect(expiredAt).toBe(50)
  })

  it('never expires once cancelled', async () => {
    const clock = new FakeClock()
    let expired = 0
    const deadline = new Deadline(clock, () => (expired += 1))
    deadline.at(10)
    deadline.cancel()
    await clock.advance(100)
    expect(expired).toBe(0)
    expect(clock.timers).toBe(0)
  })
})
