/** The state database as one handle: answers, their events, conversations, and the forgetting of all of them. */
import type { ConversationStore } from '../../conversation-store.ts'
import type { ResponseEventStore, ResponseStore } from '../../response-store.ts'
import type { RouterStateStore } from '../../router-state-store.ts'
import type { StateRetention } from '../../state-retention.ts'
import type { VideoJobStore } from '../../video-job-store.ts'
import { sqliteConversationStore } from './conversation-store.ts'
import { connect } from './database.ts'
import { migrate } from './migrate.ts'
import { sqliteResponseEventStore } from './response-event-store.ts'
import { sqliteResponseStore } from './response-store.ts'
import { sqliteRouterStateStore } from './router-state-store.ts'
import { stateMigrations } from './state-migrations.ts'
import { sqliteStateRetention } from './state-retention.ts'
import { sqliteVideoJobStore } from './video-job-store.ts'

export interface SqliteState extends Disposable, AsyncDisposable {
  readonly responses: ResponseStore
  readonly events: ResponseEventStore
  readonly conversations: ConversationStore
  readonly videos: VideoJobStore
  readonly routers: RouterStateStore
  readonly retention: StateRetention
}

/** Throws a SqliteError that says what to do when the file is not usable. Commits do not wait for the disk: they are on requests' paths. */
export function openSqliteState(file: string): SqliteState {
  const db = connect(file, { synchronous: 'normal' })
  try {
    migrate(db, stateMigrations)
    const close = (): void => {
      if (db.isOpen) db.close()
    }
    return {
      responses: sqliteResponseStore(db),
      events: sqliteResponseEventStore(db),
      conversations: sqliteConversationStore(db),
      videos: sqliteVideoJobStore(db),
      routers: sqliteRouterStateStore(db),
      retention: sqliteStateRetention(db),
      [Symbol.dispose]: close,
      [Symbol.asyncDispose]: () => Promise.resolve(close()),
    }
  } catch (error) {
    db.close()
    throw error
  }
}
