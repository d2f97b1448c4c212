/** Jobs that tune models in SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { FineTuneStore, StoredFineTune } from '../../fine-tune-store.ts'

interface JobRow {
  readonly sequence: number
  readonly owner: string
  readonly id: string
  readonly created_at: number
  readonly due_at: number | null
  readonly job: string
}

export function sqliteFineTuneStore(db: DatabaseSync): FineTuneStore {
  const write = db.prepare(
    `INSERT INTO fine_tunes (owner, id, created_at, due_at, has_models, job) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (owner, id) DO UPDATE SET due_at = excluded.due_at, has_models = excluded.has_models, job = excluded.job`,
  )
  const one = db.prepare('SELECT * FROM fine_tunes WHERE owner = ? AND id = ?')
  const page = db.prepare('SELECT * FROM fine_tunes WHERE owner = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?')
  const overdue = db.prepare('SELECT * FROM fine_tunes WHERE due_at <= ? ORDER BY due_at LIMIT ?')
  const next = db.prepare('SELECT min(due_at) AS due FROM fine_tunes')
  const withModels = db.prepare('SELECT * FROM fine_tunes WHERE has_models = 1 ORDER BY sequence')

  return {
    put({ owner, id, createdAt, dueAt, ...rest }) {
      write.run(owner, id, createdAt, dueAt ?? null, rest.models.length > 0 ? 1 : 0, JSON.stringify(rest))
    },
    get(owner, id) {
      const row = one.get(owner, id)
      return row === undefined ? undefined : stored(row)
    },
    list(owner, { limit, after }) {
      const from = after === undefined ? undefined : (one.get(owner, after) as JobRow | undefined)
      if (after !== undefined && from === undefined) return undefined
      return page.all(owner, from?.sequence ?? Number.MAX_SAFE_INTEGER, limit + 1).map(stored)
    },
    due: (now, limit) => overdue.all(now, limit).map(stored),
    nextDue() {
      const due = next.get()?.['due']
      return typeof due === 'number' ? due : undefined
    },
    withModels: () => withModels.all().map(stored),
  }
}

function stored(found: unknown): StoredFineTune {
  const { owner, id, created_at: createdAt, due_at: dueAt, job } = found as JobRow
  const rest = JSON.parse(job) as Omit<StoredFineTune, 'owner' | 'id' | 'createdAt' | 'dueAt'>
  return { owner, id, createdAt, ...rest, ...(dueAt !== null && { dueAt }) }
}
