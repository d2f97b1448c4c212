/** Room for requests at a deployment or provider: so many at once, and so many that wait. */

export interface SlotOutcome {
  /** `overloaded`: it said that it is asked too much, or did not answer in time. `other` says nothing of it. */
  readonly kind: 'good' | 'overloaded' | 'other'
  readonly firstByteMs?: number | undefined
}

export interface SlotEntry {
  /** It has no room so far: `called` tells when. */
  readonly waits: boolean
  /** Gives its room back, or leaves the queue. */
  leave(outcome?: SlotOutcome): void
}

export interface Slots {
  /** A request would have to wait, or be turned away. */
  readonly busy: boolean
  /** Whether anybody may wait here. */
  readonly queues: boolean
  /** Undefined where there is no room to wait either. `called` is not called before this returns. */
  enter(key: string, called: (inTime: boolean) => void): SlotEntry | undefined
}

/** Room in both. */
export class BothSlots implements Slots {
  readonly #outer: Slots
  readonly #inner: Slots

  constructor(outer: Slots, inner: Slots) {
    this.#outer = outer
    this.#inner = inner
  }

  get busy(): boolean {
    return this.#outer.busy || this.#inner.busy
  }

  get queues(): boolean {
    return this.#outer.queues || this.#inner.queues
  }

  enter(key: string, called: (inTime: boolean) => void): SlotEntry | undefined {
    let inner: SlotEntry | undefined
    const outer = this.#outer.enter(key, (inTime) => {
      if (inTime) inner = this.#inner.enter(key, called)
      if (inner === undefined) called(false)
      else if (!inner.waits) called(true)
    })
    if (outer === undefined) return undefined
    if (!outer.waits) {
      inner = this.#inner.enter(key, called)
      if (inner === undefined) {
        outer.leave()
        return undefined
      }
    }
    return {
      waits: outer.waits || inner?.waits === true,
      leave(outcome) {
        inner?.leave(outcome)
        outer.leave(outcome)
      },
    }
  }
}
