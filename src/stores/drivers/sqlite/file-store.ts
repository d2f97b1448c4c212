/** What is known of files, in SQLite. Rows go through three states: `coming`, `there`, and `left` to be taken away. */
import type { DatabaseSync } from 'node:sqlite'
import type { FileCopy, FileHome, FileLeft, FileStore, StoredFile } from '../../file-store.ts'

interface FileRow {
  readonly owner: string
  readonly id: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly purpose: string
  readonly name: string
  readonly type: string
  readonly bytes: number
  readonly home: FileHome
  readonly failures: number
}

interface CopyRow {
  readonly provider: string
  readonly account: string
  readonly remote_id: string
}

export function sqliteFileStore(db: DatabaseSync): FileStore {
  const columns = 'owner, id, created_at, expires_at, purpose, name, type, bytes, home, failures'
  const alive = "state = 'there' AND (expires_at IS NULL OR expires_at > ?)"
  const insert = db.prepare(
    `INSERT INTO files (owner, id, created_at, expires_at, purpose, name, type, bytes, home, state, failures)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'coming', 0)`,
  )
  const finish = db.prepare(
    `UPDATE files SET created_at = ?, expires_at = ?, purpose = ?, name = ?, type = ?, bytes = ?, home = ?, state = 'there'
     WHERE id = ? AND owner = ? AND state = 'coming'`,
  )
  const find = db.prepare(`SELECT ${columns} FROM files WHERE owner = ? AND id = ? AND ${alive}`)
  const known = db.prepare('SELECT 1 FROM files WHERE id = ?')
  const page = (order: 'ASC' | 'DESC') =>
    db.prepare(
      `SELECT ${columns} FROM files WHERE owner = ? AND ${alive} AND (? IS NULL OR purpose = ?)
         AND (? IS NULL OR sequence ${order === 'ASC' ? '>' : '<'} (SELECT sequence FROM files WHERE id = ? AND owner = ?))
       ORDER BY sequence ${order} LIMIT ?`,
    )
  const forwards = page('ASC')
  const backwards = page('DESC')
  const sum = db.prepare(
    "SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM files WHERE owner = ? AND state = 'there'",
  )
  const condemnOne = db.prepare(
    `UPDATE files SET state = 'left' WHERE owner = ? AND id = ? AND ${alive} RETURNING ${columns}`,
  )
  const condemnOld = db.prepare(
    `UPDATE files SET state = 'left' WHERE sequence IN (
       SELECT sequence FROM files WHERE state = 'there' AND expires_at <= ? ORDER BY expires_at LIMIT ?)`,
  )
  const condemnComing = db.prepare("UPDATE files SET state = 'left' WHERE state = 'coming'")
  const remaining = db.prepare(`SELECT ${columns} FROM files WHERE state = 'left' ORDER BY failures, sequence LIMIT ?`)
  const fail = db.prepare('UPDATE files SET failures = failures + 1 WHERE id = ?')
  const remove = db.prepare('DELETE FROM files WHERE id = ?')
  const insertCopy = db.prepare(
    `INSERT INTO file_copies (file_id, provider, account, remote_id) VALUES (?, ?, ?, ?)
     ON CONFLICT (file_id, provider, account) DO UPDATE SET remote_id = excluded.remote_id`,
  )
  const findCopies = db.prepare(
    'SELECT provider, account, remote_id FROM file_copies WHERE file_id = ? ORDER BY provider, account',
  )
  const deleteCopy = db.prepare(
    'DELETE FROM file_copies WHERE file_id = ? AND provider = ? AND account = ? AND remote_id = ?',
  )
  const findByCopy = db.prepare(
    `SELECT ${columns} FROM files WHERE owner = ? AND ${alive}
       AND id IN (SELECT file_id FROM file_copies WHERE provider = ? AND remote_id = ?)`,
  )

  return {
    begin({ owner, id, createdAt, expiresAt = null, purpose, name, type, bytes, home }) {
      insert.run(owner, id, createdAt, expiresAt, purpose, name, type, bytes, home)
    },
    complete: ({ owner, id, createdAt, expiresAt = null, purpose, name, type, bytes, home }) =>
      finish.run(createdAt, expiresAt, purpose, name, type, bytes, home, id, owner).changes > 0,
    get: (owner, id, now) => fileOf(find.get(owner, id, now)),
    list(owner, { order, limit, now, purpose = null, after = null }) {
      const statement = order === 'asc' ? forwards : backwards
      return statement.all(owner, now, purpose, purpose, after, after, owner, limit).flatMap((row) => fileOf(row) ?? [])
    },
    use(owner) {
      const row = sum.get(owner)
      return { files: Number(row?.['files'] ?? 0), bytes: Number(row?.['bytes'] ?? 0) }
    },
    condemn: (owner, id) => fileOf(condemnOne.get(owner, id, 0)),
    condemnExpired: (now, limit) => Number(condemnOld.run(now, limit).changes),
    condemnUnfinished: () => Number(condemnComing.run().changes),
    left: (limit) => remaining.all(limit).flatMap((row) => leftOf(row)),
    failed: (id) => void fail.run(id),
    forget: (id) => void remove.run(id),
    addCopy: (id, { provider, account, remoteId }) => void insertCopy.run(id, provider, account, remoteId),
    copies: (id) => (findCopies.all(id) as unknown as CopyRow[]).map(copyOf),
    removeCopy: (id, { provider, account, remoteId }) => void deleteCopy.run(id, provider, account, remoteId),
    byCopy: (owner, provider, remoteId, now) => fileOf(findByCopy.get(owner, now, provider, remoteId)),
    isKnown: (id) => known.get(id) !== undefined,
  }
}

function fileOf(found: unknown): StoredFile | undefined {
  if (found === undefined) return undefined
  const { owner, id, created_at, expires_at, purpose, name, type, bytes, home } = found as FileRow
  return {
    owner,
    id,
    createdAt: created_at,
    ...(expires_at !== null && { expiresAt: expires_at }),
    purpose,
    name,
    type,
    bytes,
    home,
  }
}

function leftOf(found: unknown): FileLeft[] {
  const file = fileOf(found)
  return file === undefined ? [] : [{ ...file, failures: (found as FileRow).failures }]
}

const copyOf = ({ provider, account, remote_id }: CopyRow): FileCopy => ({ provider, account, remoteId: remote_id })
