/** V8 weighs buffers with its heap while there are few of them, and only a V8 that knows how is told to. */
import { expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { tuneCollector } from './tune-collector.ts'
import type { Collector } from './tune-collector.ts'

const megabyte = 1 << 20

function collectorOf(version: string): Collector & { told: boolean[]; megabytes: number } {
  return {
    version,
    told: [] as boolean[],
    megabytes: 10,
    external() {
      return this.megabytes * megabyte
    },
    weighTogether(together) {
      this.told.push(together)
    },
  }
}

it('leaves many buffers to the rule of V8 itself until they are few again', async () => {
  const clock = new FakeClock()
  const collector = collectorOf('14.6.202.34-node.34')
  const tuning = tuneCollector(clock, collector)
  const after = async (megabytes: number): Promise<boolean | undefined> => {
    collector.megabytes = megabytes
    await clock.advance(100)
    return collector.told.at(-1)
  }
  expect(collector.told).toEqual([true])
  const seen: (boolean | undefined)[] = []
  for (const megabytes of [200, 255, 300, 200, 129, 100, 250]) seen.push(await after(megabytes))
  expect(seen).toEqual([true, true, false, false, false, true, true])
  expect(collector.told).toEqual([true, false, true])
  tuning[Symbol.dispose]()
  expect(await after(300)).toBe(false)
  expect(collector.told).toHaveLength(4)
  expect(clock.timers).toBe(0)
})

it.each(['13.6.233.17-node.40', '15.0.1-node.1'])(
  'tells a V8 %s nothing, which may not understand',
  async (version) => {
    const clock = new FakeClock()
    const collector = collectorOf(version)
    using _tuning = tuneCollector(clock, collector)
    await clock.advance(1000)
    expect(collector.told).toEqual([])
  },
)

it('can tell the V8 that this runs on', () => {
  const clock = new FakeClock()
  expect(() => tuneCollector(clock)[Symbol.dispose]()).not.toThrow()
  expect(clock.timers).toBe(0)
})
