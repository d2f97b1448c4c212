/**
 * Runs something that clients have a say in (their schemas, with regular expressions and references of theirs) for so long and no
 * longer. Nothing in JavaScript can interrupt a regular expression but V8 itself, which `node:vm` can ask to.
 */
import { Script, createContext } from 'node:vm'

let running: (() => unknown) | undefined
let script: Script | undefined
let context: ReturnType<typeof createContext> | undefined

export const tooLong = Symbol('too long')

/** What `run` gives, or `tooLong`. Throws what it throws. Not to be nested. */
export function within<T>(milliseconds: number, run: () => T): T | typeof tooLong {
  script ??= new Script('run()')
  context ??= createContext({ run: () => running?.() })
  running = run
  try {
    return script.runInContext(context, { timeout: milliseconds }) as T
  } catch (error) {
    if (isTimeout(error)) return tooLong
    throw error
  } finally {
    running = undefined
  }
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
