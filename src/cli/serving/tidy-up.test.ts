/** Once, and not while anybody waits for an answer. */
import { expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { tidyUpOnceIdle } from './tidy-up.ts'

it('waits for a moment without requests, and happens once', async () => {
  const clock = new FakeClock()
  let inFlight = 2
  let times = 0
  using _tidying = tidyUpOnceIdle(
    clock,
    () => inFlight,
    () => (times += 1),
  )
  await clock.advance(1600)
  expect(times).toBe(0)
  inFlight = 0
  await clock.advance(400)
  expect(times).toBe(1)
  await clock.advance(5000)
  expect([times, clock.timers]).toEqual([1, 0])
})

it('does not happen any more when the gateway stops', async () => {
  const clock = new FakeClock()
  let times = 0
  tidyUpOnceIdle(
    clock,
    () => 0,
    () => (times += 1),
  )[Symbol.dispose]()
  await clock.advance(5000)
  expect([times, clock.timers]).toEqual([0, 0])
})
