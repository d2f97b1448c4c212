/** Event streams of answers in SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type { ResponseEventStore, StoredEvent } from '../../response-store.ts'
import { inTransaction } from './database.ts'

export function sqliteResponseEventStore(db: DatabaseSync): ResponseEventStore {
  const write = db.prepare('INSERT INTO response_events (owner, response_id, sequence, data) VALUES (?, ?, ?, ?)')
  const read = db.prepare(
    `SELECT sequence, data FROM response_events
     WHERE owner = ? AND response_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
  )
  return {
    append(owner, responseId, events) {
      inTransaction(db, () => {
        for (const { sequence, data } of events) write.run(owner, responseId, sequence, data)
      })
    },
    after: (owner, responseId, sequence, limit) =>
      read.all(owner, responseId, sequence, limit) as unknown as StoredEvent[],
  }
}
