/** Clients' keys in SQLite. A change by any process shows in `revision()`, which costs one pragma while nothing changes. */
import type { DatabaseSync } from 'node:sqlite'
import type { KeyPolicy } from '../../../model/key.ts'
import { KeyConflictError } from '../../key-store.ts'
import type { KeyStore, StoredKey } from '../../key-store.ts'
import { inTransaction } from './database.ts'
import { isConstraint } from './errors.ts'

interface KeyRow {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly hint: string
  readonly policy: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
}

export function sqliteKeyStore(db: DatabaseSync): KeyStore {
  const byHash = db.prepare('SELECT * FROM keys WHERE hash = ?')
  const all = db.prepare('SELECT * FROM keys ORDER BY created_at, id')
  const living = db.prepare('SELECT 1 FROM keys WHERE name = ? AND revoked_at IS NULL')
  const insert = db.prepare(
    'INSERT INTO keys (id, name, hash, hint, policy, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const find = db.prepare(
    'SELECT id FROM keys WHERE revoked_at IS NULL AND (id = ?1 OR name = ?1) ORDER BY id = ?1 DESC LIMIT 1',
  )
  const revoke = db.prepare('UPDATE keys SET revoked_at = ? WHERE id = ?')
  // Moves when another connection commits anything at all, so the revision row has to be read only then.
  const dataVersion = db.prepare('PRAGMA data_version')
  dataVersion.setReturnArrays(true)
  const revisionRow = db.prepare('SELECT value FROM keys_revision')
  let seenVersion: unknown
  let revision = 0
  const readRevision = (): void => {
    revision = Number(revisionRow.get()?.['value'])
  }

  return {
    findByHash(hash) {
      const row = byHash.get(hash) as unknown as KeyRow | undefined
      return row && keyOf(row)
    },
    list: () => (all.all() as unknown as KeyRow[]).map(keyOf),
    create(key) {
      try {
        inTransaction(db, () => {
          if (living.get(key.name) !== undefined)
            throw new KeyConflictError(`there is a living key named "${key.name}" already`)
          const { id, name, hash, hint, policy, createdAt, expiresAt, revokedAt } = key
          insert.run(id, name, hash, hint, JSON.stringify(policy), createdAt, expiresAt ?? null, revokedAt ?? null)
        })
      } catch (error) {
        if (isConstraint(error))
          throw new KeyConflictError('there is a key of the same id or secret already', { cause: error })
        throw error
      }
      readRevision()
    },
    revoke(idOrName, at) {
      const revoked = inTransaction(db, () => {
        const row = find.get(idOrName)
        if (row === undefined) return false
        revoke.run(at, String(row['id']))
        return true
      })
      readRevision()
      return revoked
    },
    revision() {
      const version = (dataVersion.get() as unknown as readonly unknown[])[0]
      if (version !== seenVersion) {
        readRevision()
        seenVersion = version
      }
      return revision
    },
  }
}

function keyOf(row: KeyRow): StoredKey {
  return {
    id: row.id,
    name: row.name,
    hash: row.hash,
    hint: row.hint,
    policy: JSON.parse(row.policy) as KeyPolicy,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  }
}
