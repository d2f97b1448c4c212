/**
 * How a background thread opens the usage intake on a connection of its own. Apart from `open-sqlite.ts`, so that the thread loads
 * no more than it needs. A bundle must keep this file as an entry of its own, beside the file that calls `sqliteIntake`.
 */
import type { IntakeSource, OpenIntake } from '../../intake-source.ts'
import { connect } from './database.ts'
import { migrate } from './migrate.ts'
import { sqliteUsageIntake } from './usage-intake.ts'

/** Names this module and the file for `startDrainer`. */
export function sqliteIntake(file: string, busyTimeoutMs?: number): IntakeSource {
  const name = import.meta.url.endsWith('.ts') ? './sqlite-intake.ts' : './sqlite-intake.js'
  return {
    module: new URL(name, import.meta.url).href,
    config: { file, ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }) },
  }
}

export const openIntake: OpenIntake = (config) => {
  const { file, busyTimeoutMs } = config as { readonly file: string; readonly busyTimeoutMs?: number }
  const db = connect(file, busyTimeoutMs === undefined ? {} : { busyTimeoutMs })
  try {
    migrate(db)
    return { ...sqliteUsageIntake(db), [Symbol.dispose]: () => db.close() }
  } catch (error) {
    db.close()
    throw error
  }
}
