/** Every change of the SQLite schema, in order. A migration that has been released is never edited: the next one corrects it. */

export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

/**
 * Amounts of money are integer nano-USD, times Unix milliseconds. Key changes bump `keys_revision` by trigger, so that a change made
 * by any tool is noticed. `usage_hours` and `route_hours` hold the sums that summaries read, so that they never scan `exchanges`.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'keys',
    sql: `
      CREATE TABLE keys (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        hint TEXT NOT NULL,
        policy TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX keys_living_name ON keys (name) WHERE revoked_at IS NULL;
      CREATE TABLE keys_revision (only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1), value INTEGER NOT NULL) STRICT;
      INSERT INTO keys_revision VALUES (1, 1);
      CREATE TRIGGER keys_inserted AFTER INSERT ON keys BEGIN UPDATE keys_revision SET value = value + 1; END;
      CREATE TRIGGER keys_updated AFTER UPDATE ON keys BEGIN UPDATE keys_revision SET value = value + 1; END;
      CREATE TRIGGER keys_deleted AFTER DELETE ON keys BEGIN UPDATE keys_revision SET value = value + 1; END;
    `,
  },
  {
    version: 2,
    name: 'usage',
    sql: `
      CREATE TABLE exchanges (
        id TEXT NOT NULL PRIMARY KEY,
        at INTEGER NOT NULL,
        key_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        failed INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        unpriced INTEGER NOT NULL,
        record TEXT NOT NULL
      ) STRICT;
      CREATE INDEX exchanges_by_key ON exchanges (key_id, id);
      CREATE INDEX exchanges_by_time ON exchanges (at);
      CREATE TABLE usage_hours (
        hour INTEGER NOT NULL,
        key_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        requests INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        unpriced INTEGER NOT NULL,
        PRIMARY KEY (hour, key_id, provider, model)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX usage_hours_by_key ON usage_hours (key_id, hour);
      CREATE TABLE spends (
        period TEXT NOT NULL CHECK (period IN ('day', 'month', 'total')),
        start INTEGER NOT NULL,
        key_id TEXT NOT NULL,
        cost INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        PRIMARY KEY (period, start, key_id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE reservations (id TEXT NOT NULL PRIMARY KEY, reservation TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE journal_position (
        only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
        segment INTEGER NOT NULL,
        byte_offset INTEGER NOT NULL
      ) STRICT;
      INSERT INTO journal_position VALUES (1, 0, 0);
    `,
  },
  {
    version: 3,
    name: 'route usage',
    sql: `
      CREATE TABLE route_hours (
        hour INTEGER NOT NULL,
        key_id TEXT NOT NULL,
        route TEXT NOT NULL,
        requests INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        answer_ms INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        unpriced INTEGER NOT NULL,
        PRIMARY KEY (hour, key_id, route)
      ) STRICT, WITHOUT ROWID;
    `,
  },
]
