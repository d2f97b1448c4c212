/**
 * Has buffers that nobody uses any more given back while a large body goes by. V8 collects what is young when there are many objects, and
 * a buffer is a small one, however much memory it stands for: without a word it lets some sixty megabytes of them lie about. A collection
 * of what is young alone takes a fraction of a millisecond where little of it is in use.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

let collect: Collect | undefined

/** Bytes of buffers after which it is worth it. */
const worthIt = 8 << 20

/** Counts the bytes of one body. */
export class PassingBytes {
  #uncollected = 0

  count(bytes: number): void {
    this.#uncollected += bytes
    if (this.#uncollected < worthIt) return
    this.#uncollected = 0
    collect ??= collector()
    collect({ type: 'minor' })
  }
}

/** The function stands in contexts that are made while V8 may show it, and it works after that as well. */
function collector(): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? (found as Collect) : () => undefined
}
