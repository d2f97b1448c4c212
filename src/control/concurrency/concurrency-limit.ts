/** So many requests at once, and a queue that takes keys in turn, so that one that asks much does not keep the others waiting. */
import type { ConcurrencySettings } from '../../config/types.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { SlotEntry, SlotOutcome, Slots } from '../../kernel/slots.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'

interface Waiter {
  readonly admit: () => void
}

const noOutcome: SlotOutcome = { kind: 'other' }

export class ConcurrencyLimit implements Slots {
  readonly #clock: Clock
  readonly #adaptive = new AdaptiveLimit()
  #settings: ConcurrencySettings
  #inUse = 0
  /** By key; the first one's turn comes next. */
  readonly #queues = new Map<string, Waiter[]>()
  #waiting = 0

  constructor(clock: Clock, settings: ConcurrencySettings) {
    this.#clock = clock
    this.#settings = settings
  }

  /** Other settings, for whoever is in already too. */
  set settings(settings: ConcurrencySettings) {
    this.#settings = settings
    this.#admitNext()
  }

  get limit(): number {
    const { most } = this.#settings
    return most === 'adaptive' ? this.#adaptive.value : most
  }

  get inUse(): number {
    return this.#inUse
  }

  get waiting(): number {
    return this.#waiting
  }

  get busy(): boolean {
    return this.#inUse >= this.limit
  }

  get queues(): boolean {
    return this.#settings.queueSize > 0
  }

  enter(key: string, called: (inTime: boolean) => void): SlotEntry | undefined {
    if (!this.busy) {
      this.#inUse += 1
      return this.#entry(false)
    }
    if (this.#waiting >= this.#settings.queueSize) return undefined
    return this.#wait(key, called)
  }

  #wait(key: string, called: (inTime: boolean) => void): SlotEntry {
    let held: SlotEntry | undefined
    const waiter: Waiter = {
      admit: () => {
        timer.cancel()
        held = this.#entry(false)
        called(true)
      },
    }
    const timer: Timer = this.#clock.after(this.#settings.queueTimeout, () => {
      if (this.#forget(key, waiter)) called(false)
    })
    const queue = this.#queues.get(key)
    if (queue === undefined) this.#queues.set(key, [waiter])
    else queue.push(waiter)
    this.#waiting += 1
    return {
      waits: true,
      leave: (outcome) => {
        if (held !== undefined) return held.leave(outcome)
        timer.cancel()
        this.#forget(key, waiter)
      },
    }
  }

  #entry(waits: boolean): SlotEntry {
    let left = false
    return {
      waits,
      leave: (outcome = noOutcome) => {
        if (left) return
        left = true
        this.#adaptive.learn(outcome, this.#inUse, this.#clock.monotonic())
        this.#inUse -= 1
        this.#admitNext()
      },
    }
  }

  #admitNext(): void {
    while (this.#waiting > 0 && !this.busy) {
      const [next] = this.#queues
      if (next === undefined) return
      const [key, queue] = next
      const waiter = queue.shift()
      this.#queues.delete(key)
      if (queue.length > 0) this.#queues.set(key, queue)
      if (waiter === undefined) continue
      this.#waiting -= 1
      this.#inUse += 1
      waiter.admit()
    }
  }

  #forget(key: string, waiter: Waiter): boolean {
    const queue = this.#queues.get(key)
    const at = queue?.indexOf(waiter) ?? -1
    if (queue === undefined || at === -1) return false
    queue.splice(at, 1)
    if (queue.length === 0) this.#queues.delete(key)
    this.#waiting -= 1
    return true
  }
}
