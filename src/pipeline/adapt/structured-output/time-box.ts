/**
 * Runs something that clients have a say in (their schemas, with regular expressions and references of theirs) for so long and no
 * longer. Nothing in JavaScript can interrupt a regular expression but V8 itself, which `node:vm` can ask to.
 */
import { Script, createContext } from 'node:vm'

let running: (() => unknown) | undefined
let script: Script | undefined
let context: ReturnType<typeof createContext> | undefined

export const tooLong = Symbol('too long')

/** On a machine that has no time for us the clock says little, so it is tried again, with more of it. */
const mostTries = 4

/** What `run` gives, or `tooLong`. Throws what it throws. May call `run` several times. Not to be nested. */
export function within<T>(milliseconds: number, run: () => T): T | typeof tooLong {
  for (let attempt = 1; ; attempt += 1) {
    const before = process.threadCpuUsage()
    const given = runFor(milliseconds * attempt, run)
    if (given !== tooLong || attempt === mostTries) return given
    const { user, system } = process.threadCpuUsage(before)
    if ((user + system) / 1000 >= milliseconds * 0.9) return tooLong
  }
}

function runFor<T>(milliseconds: number, run: () => T): T | typeof tooLong {
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
