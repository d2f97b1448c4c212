/**
 * Forgetting in SQLite. An answer goes only when none follows it any more, so the history of a living one stays whole: chains are
 * taken away from their ends. The size is that of the pages in use; what is deleted is used again, the file itself does not shrink.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { StateRetention } from '../../state-retention.ts'

export function sqliteStateRetention(db: DatabaseSync): StateRetention {
  const isLast = `NOT EXISTS (SELECT 1 FROM responses AS later
    WHERE later.owner = responses.owner AND later.previous_id = responses.id)`
  const isOver = "status NOT IN ('queued', 'in_progress')"
  const expired = db.prepare(
    `DELETE FROM responses WHERE rowid IN (SELECT rowid FROM responses
       WHERE expires_at <= ? AND ${isLast} ORDER BY expires_at LIMIT ?)`,
  )
  // As many of the oldest as it takes to get rid of so many bytes.
  const oldest = db.prepare(
    `DELETE FROM responses WHERE rowid IN (
       SELECT row FROM (
         SELECT row, sum(bytes) OVER (ORDER BY row) - bytes AS before FROM (
           SELECT rowid AS row, bytes FROM responses WHERE ${isLast} AND ${isOver} ORDER BY rowid LIMIT ?))
       WHERE before < ?)`,
  )
  const unused = db.prepare(
    'DELETE FROM conversations WHERE rowid IN (SELECT rowid FROM conversations WHERE used_at < ? ORDER BY used_at LIMIT ?)',
  )
  const pages = db.prepare(
    `SELECT (page_count - freelist_count) * page_size AS bytes
     FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  )

  return {
    sweep({ now, conversationsUsedBefore, maxBytes, limit }) {
      let deleted = Number(expired.run(now, limit).changes)
      if (conversationsUsedBefore !== undefined) deleted += Number(unused.run(conversationsUsedBefore, limit).changes)
      const excess = Number(pages.get()?.['bytes']) - maxBytes
      if (excess > 0) {
        const answers = Number(oldest.run(limit, excess).changes)
        // Without an answer left to forget, it is the conversations that are too much.
        deleted += answers > 0 ? answers : Number(unused.run(now, 1).changes)
      }
      return deleted
    },
  }
}
