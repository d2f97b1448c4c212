/** How much memory this thread holds on to: after a collection, so that garbage does not count, and without other threads' tests. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

const used = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Bytes of objects and buffers that something still refers to. Does not collect where even with garbage it is no more than `enough`. */
export function heldMemory(enough = 0): number {
  const withGarbage = used()
  if (withGarbage <= enough) return withGarbage
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return used()
}
