/** Asks V8 for a collection now. It knows best when to collect, but for what it cannot know: how much memory stands behind a buffer, and that nothing else is to be done. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface Collection {
  readonly type: 'minor' | 'major'
  readonly execution?: 'sync'
  /** `last-resort` also gives back the memory that V8 keeps for what comes next. */
  readonly flavor?: 'last-resort'
}

let collect: ((collection: Collection) => void) | undefined

export function collectGarbage(collection: Collection): void {
  collect ??= collector()
  collect(collection)
}

/** The function stands in contexts that are made while V8 may show it, and it works after that as well. */
function collector(): (collection: Collection) => void {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return typeof found === 'function' ? (found as (collection: Collection) => void) : () => undefined
}
