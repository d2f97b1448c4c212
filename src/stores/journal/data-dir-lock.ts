/**
 * One data directory, one gateway. The lock is SQLite's exclusive lock on a database of its own: the system frees it when the
 * process ends, however it ends, so that no stale lock is ever left behind.
 */
import { hostname } from 'node:os'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export class DataDirLockedError extends Error {
  override readonly name = 'DataDirLockedError'
}

/** Creates the directory if need be and holds it until disposed; throws a DataDirLockedError that names the holder. */
export function lockDataDir(dir: string): Disposable {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const holderFile = join(dir, 'lock.json')
  const db = new DatabaseSync(join(dir, 'lock.db'), { timeout: 0 })
  try {
    // A rollback journal is no use to a lock, and the file stays empty.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    const message = `${dir} is in use by another gateway${holderOf(holderFile)}. Stop it, or give this one a data directory of its own.`
    throw new DataDirLockedError(message, { cause: error })
  }
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }), {
    mode: 0o600,
  })
  return {
    [Symbol.dispose]() {
      if (db.isOpen) db.close()
    },
  }
}

function holderOf(file: string): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<string, unknown>>
    return ` (process ${String(pid)} on ${String(host)}, since ${String(since)})`
  } catch {
    return ''
  }
}
