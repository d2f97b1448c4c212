/** The embedded database as one handle: opens the file, brings its schema up to date and gives the stores that live in it. */
import type { KeyStore } from '../../key-store.ts'
import type { UsageStore } from '../../usage-store.ts'
import { connect } from './database.ts'
import type { ConnectOptions } from './database.ts'
import { sqliteKeyStore } from './key-store.ts'
import { migrate } from './migrate.ts'
import { sqliteUsageStore } from './usage-store.ts'

export interface SqliteStores extends Disposable, AsyncDisposable {
  readonly keys: KeyStore
  readonly usage: UsageStore
}

/** Throws a SqliteError that says what to do when the file is not usable: foreign, unreadable, or of a newer release. */
export function openSqlite(file: string, options: ConnectOptions = {}): SqliteStores {
  const db = connect(file, options)
  try {
    migrate(db)
    const keys = sqliteKeyStore(db)
    const usage = sqliteUsageStore(db)
    const close = (): void => {
      if (db.isOpen) db.close()
    }
    return { keys, usage, [Symbol.dispose]: close, [Symbol.asyncDispose]: () => Promise.resolve(close()) }
  } catch (error) {
    db.close()
    throw error
  }
}
