/** Every change of the schema of the state database, in order. What has been released is never edited: the next one corrects it. */
import type { Migration } from './migrations.ts'

/**
 * Answers and conversations, in a file of their own: they are large, and losing the last of them to a power loss is no harm to the
 * accounts. `bytes` is what a row holds, so that a chain's size is known without reading it.
 */
export const stateMigrations: readonly Migration[] = [
  {
    version: 1,
    name: 'responses and conversations',
    sql: `
      CREATE TABLE responses (
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        background INTEGER NOT NULL,
        previous_id TEXT,
        conversation_id TEXT,
        conversation_up_to INTEGER,
        origin TEXT,
        bytes INTEGER NOT NULL,
        input TEXT NOT NULL,
        response TEXT NOT NULL,
        PRIMARY KEY (owner, id)
      ) STRICT;
      CREATE INDEX responses_by_expiry ON responses (expires_at);
      CREATE INDEX responses_by_previous ON responses (owner, previous_id) WHERE previous_id IS NOT NULL;
      CREATE INDEX responses_unfinished ON responses (status) WHERE status IN ('queued', 'in_progress');
      CREATE TABLE response_items (
        owner TEXT NOT NULL,
        item_id TEXT NOT NULL,
        response_id TEXT NOT NULL,
        PRIMARY KEY (owner, item_id),
        FOREIGN KEY (owner, response_id) REFERENCES responses (owner, id) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX response_items_by_response ON response_items (owner, response_id);
      CREATE TABLE response_events (
        owner TEXT NOT NULL,
        response_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (owner, response_id, sequence),
        FOREIGN KEY (owner, response_id) REFERENCES responses (owner, id) ON DELETE CASCADE
      ) STRICT;
      CREATE TABLE conversations (
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        metadata TEXT NOT NULL,
        next_position INTEGER NOT NULL,
        PRIMARY KEY (owner, id)
      ) STRICT;
      CREATE INDEX conversations_by_use ON conversations (used_at);
      CREATE TABLE conversation_items (
        owner TEXT NOT NULL,
        conversation_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        id TEXT NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (owner, conversation_id, position),
        UNIQUE (owner, conversation_id, id),
        FOREIGN KEY (owner, conversation_id) REFERENCES conversations (owner, id) ON DELETE CASCADE
      ) STRICT;
    `,
  },
  {
    version: 2,
    name: 'jobs that make films',
    sql: `
      CREATE TABLE videos (
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        due_at INTEGER,
        job TEXT NOT NULL,
        PRIMARY KEY (owner, id)
      ) STRICT;
      CREATE INDEX videos_by_owner ON videos (owner, created_at, id);
      CREATE INDEX videos_by_due ON videos (due_at) WHERE due_at IS NOT NULL;
    `,
  },
  {
    version: 3,
    name: 'files, and jobs that tune models',
    sql: `
      CREATE TABLE files (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        purpose TEXT NOT NULL,
        name TEXT NOT NULL,
        type TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        home TEXT NOT NULL,
        state TEXT NOT NULL,
        failures INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX files_by_owner ON files (owner, sequence);
      CREATE INDEX files_by_expiry ON files (expires_at) WHERE expires_at IS NOT NULL AND state = 'there';
      CREATE INDEX files_unsettled ON files (state) WHERE state <> 'there';
      CREATE TABLE file_copies (
        file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        provider TEXT NOT NULL,
        account TEXT NOT NULL,
        remote_id TEXT NOT NULL,
        PRIMARY KEY (file_id, provider, account)
      ) STRICT;
      CREATE INDEX file_copies_by_remote ON file_copies (provider, remote_id);
      CREATE TABLE fine_tunes (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        due_at INTEGER,
        has_models INTEGER NOT NULL,
        job TEXT NOT NULL,
        UNIQUE (owner, id)
      ) STRICT;
      CREATE INDEX fine_tunes_by_due ON fine_tunes (due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX fine_tunes_with_models ON fine_tunes (sequence) WHERE has_models = 1;
    `,
  },
  {
    version: 4,
    name: 'what routers must not forget',
    sql: `
      CREATE TABLE router_states (
        router TEXT PRIMARY KEY,
        settings TEXT NOT NULL,
        state TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
]
