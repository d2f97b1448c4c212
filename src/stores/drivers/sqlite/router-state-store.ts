/** States of routers in SQLite: one row for each router, with the settings that it belongs to. */
import type { DatabaseSync } from 'node:sqlite'
import { isJsonObject } from '../../../model/json.ts'
import type { RouterStateStore } from '../../router-state-store.ts'

export function sqliteRouterStateStore(db: DatabaseSync): RouterStateStore {
  const one = db.prepare('SELECT state FROM router_states WHERE router = ? AND settings = ?')
  const write = db.prepare(
    `INSERT INTO router_states (router, settings, state) VALUES (?, ?, ?)
     ON CONFLICT (router) DO UPDATE SET settings = excluded.settings, state = excluded.state`,
  )
  return {
    recall(router, settings) {
      const state = one.get(router, settings)?.['state']
      const json: unknown = typeof state === 'string' ? JSON.parse(state) : undefined
      return isJsonObject(json) ? json : undefined
    },
    remember: (router, settings, state) => void write.run(router, settings, JSON.stringify(state)),
  }
}
