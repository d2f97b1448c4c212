/** Budgets of keys on counters that answer at once, or later. */
import { describe, expect, it } from 'vitest'
import type { Key } from '../../model/key.ts'
import type { CounterStore } from '../../stores/counter-store.ts'
import { memoryCounterStore } from '../../stores/drivers/memory/counter-store.ts'
import { KeyBudgets } from './key-budgets.ts'

const now = Date.UTC(2025, 5, 15, 12)
const key: Key = {
  id: 'key_1',
  name: 'prod',
  createdAt: 0,
  policy: {
    models: ['*'],
    budgets: [
      { usd: 100, per: 'day' },
      { usd: 1000, per: 'total' },
    ],
  },
}

describe('key budgets', () => {
  it('hold, settle and refuse with the budget that is short', async () => {
    const budgets = new KeyBudgets(memoryCounterStore())
    const hold = await budgets.hold(key, 80, now)
    expect(await budgets.hold(key, 30, now)).toEqual({ ok: false, period: 'day', left: 20, limit: 100 })
    if (hold.ok) hold.settle(10)
    expect(await budgets.hold(key, 90, now)).toMatchObject({ ok: true })
  })

  it('answer at once when the counters do', () => {
    expect(new KeyBudgets(memoryCounterStore()).hold(key, 1, now)).not.toBeInstanceOf(Promise)
  })

  it('count what was spent without a hold', async () => {
    const budgets = new KeyBudgets(memoryCounterStore())
    budgets.spent(key.id, 95, now)
    expect(await budgets.hold(key, 6, now)).toMatchObject({ ok: false, left: 5 })
  })

  it('wait for counters that answer later, and tell of settlements that were lost', async () => {
    const memory = memoryCounterStore()
    const remote: CounterStore = {
      ...memory,
      hold: (...args) => Promise.resolve(memory.hold(...args)),
      settle: () => Promise.reject(new Error('gone')),
    }
    const lost: unknown[] = []
    const budgets = new KeyBudgets(remote, (error) => lost.push(error))
    const hold = await budgets.hold(key, 60, now)
    if (hold.ok) hold.settle(1)
    await Promise.resolve()
    await Promise.resolve()
    expect(lost).toEqual([new Error('gone')])
    expect(await budgets.hold(key, 60, now)).toMatchObject({ ok: false, left: 40 })
  })
})
