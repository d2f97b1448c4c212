/** SQLite's failures, told apart where the driver has to act on them. */

/** A database that cannot be used as it is; the message says what to do. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError'
}

const busy = 5
const locked = 6
const constraint = 19

/** Another connection holds the lock, and went on holding it for the busy timeout. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === busy || code === locked
}

/** A uniqueness or check constraint refused the row. */
export function isConstraint(error: unknown): boolean {
  return primaryCode(error) === constraint
}

/** The low byte of an extended result code: https://www.sqlite.org/rescode.html */
export function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}
