/** The counters in memory against the conformance kit, and the bounds of their memory. */
import { describe, expect, it } from 'vitest'
import { describeCounterStore } from '../../../kernel/testing/counter-store-kit.ts'
import { settle as settleTurns } from '../../../kernel/testing/fake-clock.ts'
import type { Spend } from '../../usage-store.ts'
import { BudgetBook } from './budget-book.ts'
import type { SpendSource } from './budget-book.ts'
import { memoryCounterStore } from './counter-store.ts'
import { Gcra } from './gcra.ts'

describeCounterStore('memory', () => Promise.resolve(memoryCounterStore()))

const now = Date.UTC(2025, 5, 15, 12)

describe('rate limits in memory', () => {
  it('are forgotten when they are whole again, without anyone asking for them', () => {
    const limits = new Gcra()
    for (let n = 0; n < 1000; n++) limits.take([{ id: `k${n}`, count: 1, periodMs: 1000, cost: 1 }], now)
    expect(limits.size).toBe(1000)
    for (let n = 0; n < 1000; n++) limits.take([{ id: 'busy', count: 1_000_000, periodMs: 1000, cost: 1 }], now + 1000)
    expect(limits.size).toBe(1)
    expect(limits.evicted).toBe(0)
  })

  it('never take more memory than allowed; those that are whole soonest go first', () => {
    const limits = new Gcra(10)
    limits.take([{ id: 'owing', count: 1, periodMs: 86_400_000, cost: 1 }], now)
    for (let n = 0; n < 1000; n++) limits.take([{ id: `k${n}`, count: 1, periodMs: 60_000, cost: 1 }], now)
    expect(limits.size).toBe(10)
    expect(limits.evicted).toBe(991)
    expect(limits.take([{ id: 'owing', count: 1, periodMs: 86_400_000, cost: 1 }], now).ok).toBe(false)
  })

  it('let no more be owed than ten periods', () => {
    const limits = new Gcra()
    const charge = { id: 'k', count: 10, periodMs: 1000, cost: 1 }
    limits.adjust(
      [
        { ...charge, cost: 1e15 },
        { ...charge, id: 'nonsense', cost: Number.NaN },
      ],
      now,
    )
    expect(limits.take([charge], now)).toMatchObject({ ok: false, retryAfterMs: 9100 })
    expect(limits.size).toBe(1)
    limits.adjust([{ ...charge, cost: 1e15 }], now + 10)
    expect(limits.take([charge], now + 10).retryAfterMs).toBe(9100)
  })

  it('refuse a cost that is no number', () => {
    expect(new Gcra().take([{ id: 'k', count: 10, periodMs: 1000, cost: Number.NaN }], now).ok).toBe(false)
  })
})

describe('budgets in memory', () => {
  class Store implements SpendSource {
    readonly spent = new Map<string, number>()
    drains = 0
    fails = false

    drained(): Promise<void> {
      this.drains++
      return this.fails ? Promise.reject(new Error('down')) : Promise.resolve()
    }

    spends(_at: number, keyId: string): Spend[] {
      const cost = this.spent.get(keyId)
      return cost === undefined ? [] : [{ keyId, period: 'total', start: 0, cost, tokens: 0 }]
    }
  }

  const limits = [{ per: 'total', usd: 10 }] as const

  it('put idle keys away when there are too many, once the store has what they spent, and read them again', async () => {
    const source = new Store()
    const book = new BudgetBook({ maxAccounts: 100, source })
    const held = book.hold('held', limits, 3, now)
    for (let n = 0; n < 300; n++) {
      book.spend(`k${n}`, 4, now)
      source.spent.set(`k${n}`, 4)
      if (n % 20 === 0) await settleTurns()
      expect(book.size).toBeLessThanOrEqual(120)
    }
    expect(source.drains).toBeGreaterThan(0)
    expect(book.hold('k0', limits, 7, now)).toMatchObject({ ok: false, left: 6 })
    expect(book.hold('k0', limits, 6, now).ok).toBe(true)
    expect(book.hold('held', limits, 8, now)).toMatchObject({ ok: false, left: 7 })
    expect(held.ok).toBe(true)
  })

  it('keep every key while the store has not taken in what it spent', async () => {
    const source = new Store()
    source.fails = true
    const book = new BudgetBook({ maxAccounts: 10, source })
    for (let n = 0; n < 50; n++) book.spend(`k${n}`, 4, now)
    await settleTurns()
    expect(book.size).toBe(50)
  })

  it('keep a key that spends again while the store takes in the rest', async () => {
    const source = new Store()
    const book = new BudgetBook({ maxAccounts: 10, source })
    for (let n = 0; n < 11; n++) book.spend(`k${n}`, 4, now)
    for (let n = 0; n < 11; n++) book.spend(`k${n}`, 5, now)
    await settleTurns()
    expect(book.size).toBe(11)
    expect(book.hold('k0', limits, 2, now)).toMatchObject({ ok: false, left: 1 })
  })

  it('keep every key when there is no store to read them from again', () => {
    const book = new BudgetBook({ maxAccounts: 10 })
    for (let n = 0; n < 50; n++) book.spend(`k${n}`, 4, now)
    expect(book.size).toBe(50)
  })

  it('ignore a hold that is not theirs', () => {
    const book = new BudgetBook()
    book.settle({ keyId: 'k', nano: 5 }, 5)
    expect(book.hold('k', limits, 10, now).ok).toBe(true)
  })
})
