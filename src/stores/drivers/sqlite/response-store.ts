/** Answers of the Responses API in SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { ResponseOrigin, ResponseStatus, ResponseStore, StoredResponse } from '../../response-store.ts'
import { inTransaction } from './database.ts'

interface ResponseRow {
  readonly owner: string
  readonly id: string
  readonly created_at: number
  readonly expires_at: number
  readonly status: string
  readonly background: number
  readonly previous_id: string | null
  readonly conversation_id: string | null
  readonly conversation_up_to: number | null
  readonly origin: string | null
  readonly bytes: number
  readonly input: string
  readonly response: string
}

export function sqliteResponseStore(db: DatabaseSync): ResponseStore {
  // An upsert, because replacing the row would delete what belongs to it.
  const write = db.prepare(
    `INSERT INTO responses (owner, id, created_at, expires_at, status, background, previous_id, conversation_id,
       conversation_up_to, origin, bytes, input, response) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (owner, id) DO UPDATE SET created_at = excluded.created_at, expires_at = excluded.expires_at,
       status = excluded.status, background = excluded.background, previous_id = excluded.previous_id,
       conversation_id = excluded.conversation_id, conversation_up_to = excluded.conversation_up_to,
       origin = excluded.origin, bytes = excluded.bytes, input = excluded.input, response = excluded.response`,
  )
  const writeItem = db.prepare('INSERT OR REPLACE INTO response_items (owner, item_id, response_id) VALUES (?, ?, ?)')
  const living = db.prepare('SELECT * FROM responses WHERE owner = ? AND id = ? AND expires_at > ?')
  const any = db.prepare('SELECT * FROM responses WHERE owner = ? AND id = ?')
  const sizeOf = db.prepare('SELECT bytes FROM responses WHERE owner = ? AND id = ?')
  const holder = db.prepare(
    `SELECT responses.* FROM response_items JOIN responses
       ON responses.owner = response_items.owner AND responses.id = response_items.response_id
     WHERE response_items.owner = ? AND item_id = ? AND expires_at > ?`,
  )
  const remove = db.prepare('DELETE FROM responses WHERE owner = ? AND id = ? AND expires_at > ?')
  const open = db.prepare("SELECT * FROM responses WHERE status IN ('queued', 'in_progress') ORDER BY created_at")

  return {
    put(response, itemIds = []) {
      inTransaction(db, () => {
        const { owner, id, conversation, origin, input } = response
        write.run(
          owner,
          id,
          response.createdAt,
          response.expiresAt,
          response.status,
          response.background ? 1 : 0,
          response.previousId ?? null,
          conversation?.id ?? null,
          conversation?.upTo ?? null,
          origin === undefined ? null : JSON.stringify(origin),
          Buffer.byteLength(input) + Buffer.byteLength(response.response),
          input,
          response.response,
        )
        for (const itemId of itemIds) writeItem.run(owner, itemId, id)
      })
    },
    get: (owner, id, now) => stored(living.get(owner, id, now)),
    chain(owner, id, now, maxBytes) {
      const last = stored(living.get(owner, id, now))
      if (last === undefined) return undefined
      const turns = [last]
      let bytes = Number(sizeOf.get(owner, id)?.['bytes'])
      if (bytes > maxBytes) return { turns, broken: 'too-large' }
      for (let before = last.previousId; before !== undefined; before = turns[0]?.previousId) {
        const size = sizeOf.get(owner, before)
        if (size === undefined) return { turns, broken: 'deleted' }
        bytes += Number(size['bytes'])
        if (bytes > maxBytes) return { turns, broken: 'too-large' }
        turns.unshift(stored(any.get(owner, before)) as StoredResponse)
      }
      return { turns }
    },
    holderOf: (owner, itemId, now) => stored(holder.get(owner, itemId, now)),
    delete: (owner, id, now) => remove.run(owner, id, now).changes > 0,
    unfinished: () => open.all().map((row) => stored(row) as StoredResponse),
  }
}

function stored(found: unknown): StoredResponse | undefined {
  if (found === undefined) return undefined
  const row = found as ResponseRow
  return {
    owner: row.owner,
    id: row.id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    status: row.status as ResponseStatus,
    background: row.background === 1,
    input: row.input,
    response: row.response,
    ...(row.previous_id !== null && { previousId: row.previous_id }),
    ...(row.conversation_id !== null && {
      conversation: { id: row.conversation_id, upTo: row.conversation_up_to ?? 0 },
    }),
    ...(row.origin !== null && { origin: JSON.parse(row.origin) as ResponseOrigin }),
  }
}
