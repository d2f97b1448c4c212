/** Conversations in SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import type {
  ConversationItem,
  ConversationStore,
  StoredConversation,
  StoredConversationItem,
} from '../../conversation-store.ts'
import { inTransaction } from './database.ts'

interface ConversationRow {
  readonly owner: string
  readonly id: string
  readonly created_at: number
  readonly metadata: string
}

/** Positions are never larger. */
const end = Number.MAX_SAFE_INTEGER

export function sqliteConversationStore(db: DatabaseSync): ConversationStore {
  const insert = db.prepare(
    'INSERT INTO conversations (owner, id, created_at, used_at, metadata, next_position) VALUES (?, ?, ?, ?, ?, 1)',
  )
  const find = db.prepare('SELECT owner, id, created_at, metadata FROM conversations WHERE owner = ? AND id = ?')
  const update = db.prepare('UPDATE conversations SET metadata = ?, used_at = ? WHERE owner = ? AND id = ?')
  const remove = db.prepare('DELETE FROM conversations WHERE owner = ? AND id = ?')
  const nextPosition = db.prepare('SELECT next_position FROM conversations WHERE owner = ? AND id = ?')
  const moveOn = db.prepare('UPDATE conversations SET next_position = ?, used_at = ? WHERE owner = ? AND id = ?')
  const insertItem = db.prepare(
    `INSERT INTO conversation_items (owner, conversation_id, position, id, json) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (owner, conversation_id, id) DO NOTHING`,
  )
  const columns = 'SELECT id, json, position FROM conversation_items WHERE owner = ? AND conversation_id = ?'
  const forwards = db.prepare(`${columns} AND position > ? AND position <= ? ORDER BY position LIMIT ?`)
  const backwards = db.prepare(`${columns} AND position < ? AND position <= ? ORDER BY position DESC LIMIT ?`)
  const findItem = db.prepare(`${columns} AND id = ?`)
  const removeItem = db.prepare('DELETE FROM conversation_items WHERE owner = ? AND conversation_id = ? AND id = ?')

  /** Within a transaction. */
  function place(
    owner: string,
    id: string,
    items: readonly ConversationItem[],
    now: number,
  ): StoredConversationItem[] | undefined {
    const row = nextPosition.get(owner, id)
    if (row === undefined) return undefined
    let position = Number(row['next_position'])
    const placed: StoredConversationItem[] = []
    for (const item of items) {
      if (insertItem.run(owner, id, position, item.id, item.json).changes === 0) continue
      placed.push({ ...item, position })
      position += 1
    }
    moveOn.run(position, now, owner, id)
    return placed
  }

  return {
    create(conversation, items) {
      const { owner, id, createdAt, metadata } = conversation
      inTransaction(db, () => {
        insert.run(owner, id, createdAt, createdAt, metadata)
        place(owner, id, items, createdAt)
      })
    },
    get(owner, id) {
      const row = find.get(owner, id) as unknown as ConversationRow | undefined
      return row && conversationOf(row)
    },
    setMetadata: (owner, id, metadata, now) => update.run(metadata, now, owner, id).changes > 0,
    delete: (owner, id) => remove.run(owner, id).changes > 0,
    append: (owner, id, items, now) => inTransaction(db, () => place(owner, id, items, now)),
    items(owner, id, { order, limit, after, upTo = end }) {
      const rows =
        order === 'asc'
          ? forwards.all(owner, id, after ?? 0, upTo, limit)
          : backwards.all(owner, id, after ?? end, upTo, limit)
      return rows as unknown as StoredConversationItem[]
    },
    item: (owner, id, itemId) => findItem.get(owner, id, itemId) as unknown as StoredConversationItem | undefined,
    deleteItem: (owner, id, itemId) => removeItem.run(owner, id, itemId).changes > 0,
  }
}

function conversationOf({ owner, id, created_at, metadata }: ConversationRow): StoredConversation {
  return { owner, id, createdAt: created_at, metadata }
}
