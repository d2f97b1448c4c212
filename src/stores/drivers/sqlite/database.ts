/** A connection to the SQLite file, set up so that readers never wait for the writer and a commit, once reported, survives a power loss. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isBusy, SqliteError } from './errors.ts'

export interface ConnectOptions {
  /** How long a statement waits for another process's lock, in milliseconds. */
  readonly busyTimeoutMs?: number
  /**
   * `full` (the default): a commit is on the disk when it returns. Commits are a few a second at most and never on a request's path,
   * so this costs nothing that anyone waits for. `normal`: a power loss may undo the last commits, but never harms the file.
   */
  readonly synchronous?: 'full' | 'normal'
}

/** `SLUG` in ASCII: marks the file as this program's own. */
export const applicationId = 0x534c5547

/** Opens or creates the file, readable by its owner only. ':memory:' gives a database that dies with its connection. */
export function connect(file: string, options: ConnectOptions = {}): DatabaseSync {
  const inMemory = file === ':memory:'
  const fresh = !inMemory && !existsSync(file)
  if (fresh) mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const busyTimeoutMs = options.busyTimeoutMs ?? 5000
  let db: DatabaseSync
  try {
    db = new DatabaseSync(file, {
      timeout: busyTimeoutMs,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
    })
  } catch (error) {
    throw new SqliteError(
      `cannot open the database ${file}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  try {
    if (fresh) chmodSync(file, 0o600)
    checkOwnership(db, file)
    // Records come in rows of most of a kilobyte, in long batches: fewer, larger pages are written with half the calls.
    if (fresh) db.exec('PRAGMA page_size = 8192')
    // Changing the journal mode takes a lock that SQLite does not always wait for by itself.
    whileBusy(busyTimeoutMs, () => db.exec('PRAGMA journal_mode = WAL'))
    db.exec(`PRAGMA synchronous = ${options.synchronous === 'normal' ? 'NORMAL' : 'FULL'}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Runs `work` in a transaction that holds the write lock from its beginning. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  let result: T
  try {
    result = work()
    db.exec('COMMIT')
  } catch (error) {
    // A full disk or an I/O error may have rolled back already.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
  return result
}

/** Reads one integer pragma. */
export function pragma(db: DatabaseSync, name: 'application_id' | 'user_version' | 'data_version'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
}

function checkOwnership(db: DatabaseSync, file: string): void {
  let found: number
  let tables: unknown
  try {
    // One snapshot for both, or a schema that another process is just creating would look foreign.
    db.exec('BEGIN')
    found = pragma(db, 'application_id')
    tables = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()
    db.exec('COMMIT')
  } catch (error) {
    if (isBusy(error)) throw error
    throw new SqliteError(
      `${file} cannot be read as a database: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  if (found !== applicationId && (found !== 0 || tables !== undefined)) {
    throw new SqliteError(`${file} is a database of another program. Choose another file for the gateway's data.`)
  }
}

function whileBusy(limitMs: number, attempt: () => void): void {
  const deadline = performance.now() + limitMs
  for (;;) {
    try {
      attempt()
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
