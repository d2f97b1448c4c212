/** Brings a database's schema up to date: forward only, one transaction a step, safe when several processes start at once. */
import type { DatabaseSync } from 'node:sqlite'
import { applicationId, inTransaction, pragma } from './database.ts'
import { SqliteError } from './errors.ts'
import { migrations } from './migrations.ts'
import type { Migration } from './migrations.ts'

/** Throws a SqliteError when the schema is newer than `steps` know; the file is then left as it was. */
export function migrate(db: DatabaseSync, steps: readonly Migration[] = migrations): void {
  const latest = steps.at(-1)?.version ?? 0
  // The version is read again under the lock: another process may be ahead by then.
  while (versionOf(db, latest) < latest) {
    inTransaction(db, () => {
      const version = versionOf(db, latest)
      const next = steps.find((step) => step.version > version)
      if (next === undefined) return
      db.exec(next.sql)
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${next.version}`)
    })
  }
}

function versionOf(db: DatabaseSync, latest: number): number {
  const version = pragma(db, 'user_version')
  if (version <= latest) return version
  const file = db.location() ?? 'the database'
  throw new SqliteError(
    `${file} was written by a newer release (schema ${version}; this one knows ${latest}). Run that release, or restore a backup from before the upgrade.`,
  )
}
