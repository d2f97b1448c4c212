/**
 * The part of the state database that knows of files and of what is made with them, on a connection of its own: a client that was told of its file has it after a power
 * loss too, which the answers beside it are not worth waiting for.
 */
import type { FileStore } from '../../file-store.ts'
import type { FineTuneStore } from '../../fine-tune-store.ts'
import { connect } from './database.ts'
import { sqliteFileStore } from './file-store.ts'
import { sqliteFineTuneStore } from './fine-tune-store.ts'
import { migrate } from './migrate.ts'
import { stateMigrations } from './state-migrations.ts'

export interface SqliteFiles extends Disposable {
  readonly files: FileStore
  readonly fineTunes: FineTuneStore
}

/** Throws a SqliteError that says what to do when the file is not usable. */
export function openSqliteFiles(file: string): SqliteFiles {
  const db = connect(file)
  try {
    migrate(db, stateMigrations)
    return {
      files: sqliteFileStore(db),
      fineTunes: sqliteFineTuneStore(db),
      [Symbol.dispose]() {
        if (db.isOpen) db.close()
      },
    }
  } catch (error) {
    db.close()
    throw error
  }
}
