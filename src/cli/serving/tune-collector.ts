/**
 * Has V8 weigh the memory of buffers together with its own heap, as long as buffers are few. As it comes, V8 collects the whole heap
 * whenever so many megabytes of buffers have outlived a small collection, as those of long requests do while a provider is at work;
 * with all that it loads, the gateway has much to go through each time, and all of that is still in use. Counted together, a
 * collection comes when the sum has grown; but what V8 then lets it grow to is a part of the machine's memory, so there is a bound.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import type { Clock, Timer } from '../../kernel/clock.ts'

export interface Collector {
  /** Of the V8 in use. */
  readonly version: string
  /** Bytes of buffers, those that are no longer used and not collected yet included. */
  external(): number
  weighTogether(together: boolean): void
}

/** The V8 of Node 26, with which this was tried. Another may not know the flag, and would say so on standard error. */
const tried = '14.6.'
/** Bytes of buffers from which on they are left to V8's own rule, and below which they no longer are. */
const many = 256 << 20
const few = 128 << 20
const lookEveryMs = 100

const v8: Collector = {
  version: process.versions.v8,
  external: () => getHeapStatistics().external_memory,
  weighTogether: (together) =>
    setFlagsFromString(`--${together ? '' : 'no-'}external-memory-accounted-in-global-limit`),
}

export function tuneCollector(clock: Clock, collector: Collector = v8): Disposable {
  if (!collector.version.startsWith(tried)) return { [Symbol.dispose]: () => undefined }
  let together = false
  let timer: Timer

  function look(): void {
    const external = collector.external()
    const wanted = together ? external < many : external < few
    if (wanted !== together) collector.weighTogether((together = wanted))
    timer = clock.after(lookEveryMs, look)
  }

  look()
  return {
    [Symbol.dispose]() {
      timer.cancel()
      if (together) collector.weighTogether(false)
    },
  }
}
