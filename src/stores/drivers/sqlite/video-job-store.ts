/** Jobs that make films in SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { VideoState } from '../../../model/video.ts'
import type { StoredVideo, VideoAccount, VideoJobStore } from '../../video-job-store.ts'

interface VideoRow {
  readonly owner: string
  readonly id: string
  readonly created_at: number
  readonly due_at: number | null
  readonly job: string
}

type Rest = Omit<StoredVideo, 'owner' | 'id' | 'createdAt' | 'dueAt'> & {
  readonly state: VideoState
  readonly account: VideoAccount
}

export function sqliteVideoJobStore(db: DatabaseSync): VideoJobStore {
  const write = db.prepare(
    `INSERT INTO videos (owner, id, created_at, due_at, job) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (owner, id) DO UPDATE SET due_at = excluded.due_at, job = excluded.job`,
  )
  const one = db.prepare('SELECT * FROM videos WHERE owner = ? AND id = ?')
  const pages = {
    asc: db.prepare(
      'SELECT * FROM videos WHERE owner = ?1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4',
    ),
    desc: db.prepare(
      'SELECT * FROM videos WHERE owner = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4',
    ),
  }
  const remove = db.prepare('DELETE FROM videos WHERE owner = ? AND id = ?')
  const overdue = db.prepare('SELECT * FROM videos WHERE due_at <= ? ORDER BY due_at LIMIT ?')
  const next = db.prepare('SELECT min(due_at) AS due FROM videos')
  const open = db.prepare('SELECT * FROM videos WHERE due_at IS NOT NULL ORDER BY created_at')
  const old = db.prepare('DELETE FROM videos WHERE due_at IS NULL AND created_at < ?')

  return {
    put({ owner, id, createdAt, dueAt, ...rest }) {
      write.run(owner, id, createdAt, dueAt ?? null, JSON.stringify(rest))
    },
    get: (owner, id) => stored(one.get(owner, id)),
    list(owner, { limit, order, after }) {
      const first = order === 'asc' ? { created_at: -1, id: '' } : { created_at: Number.MAX_SAFE_INTEGER, id: '' }
      const from = after === undefined ? first : (one.get(owner, after) as VideoRow | undefined)
      if (from === undefined) return undefined
      return pages[order].all(owner, from.created_at, from.id, limit + 1).map((row) => stored(row) as StoredVideo)
    },
    delete: (owner, id) => remove.run(owner, id).changes > 0,
    due: (now, limit) => overdue.all(now, limit).map((row) => stored(row) as StoredVideo),
    nextDue() {
      const due = next.get()?.['due']
      return typeof due === 'number' ? due : undefined
    },
    unfinished: () => open.all().map((row) => stored(row) as StoredVideo),
    forget: (createdBefore) => Number(old.run(createdBefore).changes),
  }
}

function stored(found: unknown): StoredVideo | undefined {
  if (found === undefined) return undefined
  const { owner, id, created_at: createdAt, due_at: dueAt, job } = found as VideoRow
  const rest = JSON.parse(job) as Rest
  return { owner, id, createdAt, ...rest, ...(dueAt !== null && { dueAt }) }
}
