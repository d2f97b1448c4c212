/**
 * Calls that wait for a connection, in their turn. One that is given up leaves at once, and its body with it, however long the others
 * wait; so the queue is a list whose links are the calls' own.
 */
import type { CallQueue, PendingCall } from './call.ts'

export class WaitingCalls implements CallQueue {
  #first: PendingCall | undefined
  #last: PendingCall | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  add(call: PendingCall): void {
    call.queue = this
    call.before = this.#last
    if (this.#last === undefined) this.#first = call
    else this.#last.after = call
    this.#last = call
    this.#size += 1
  }

  /** For one that has had its turn. */
  addFirst(call: PendingCall): void {
    call.queue = this
    call.after = this.#first
    if (this.#first === undefined) this.#last = call
    else this.#first.before = call
    this.#first = call
    this.#size += 1
  }

  remove(call: PendingCall): void {
    const { before, after } = call
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    call.before = undefined
    call.after = undefined
    call.queue = undefined
    this.#size -= 1
  }

  /** Takes out the one whose turn it is. */
  next(): PendingCall | undefined {
    const call = this.#first
    if (call !== undefined) this.remove(call)
    return call
  }
}
