/**
 * Has buffers that nobody uses any more given back while a large body goes by. V8 collects what is young when there are many objects, and
 * a buffer is a small one, however much memory it stands for: without a word it lets some sixty megabytes of them lie about. A collection
 * of what is young alone takes a fraction of a millisecond where little of it is in use.
 */
import { collectGarbage } from './collect-garbage.ts'

/** Bytes of buffers after which it is worth it. */
const worthIt = 8 << 20

/** Counts the bytes of one body. */
export class PassingBytes {
  #uncollected = 0

  count(bytes: number): void {
    this.#uncollected += bytes
    if (this.#uncollected < worthIt) return
    this.#uncollected = 0
    collectGarbage({ type: 'minor' })
  }
}
