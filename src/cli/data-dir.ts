/** The data directory as commands use it: beside a running gateway, or before the first one was started. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SqliteStores } from '../stores/drivers/sqlite/open-sqlite.ts'
import { CliError } from './cli-error.ts'
import { systemErrorText } from './system-error.ts'

const databaseOf = (dir: string): string => join(dir, 'sluicegate.db')

/**
 * Makes the directory, for its owner alone, if it is not there. Throws a CliError that says what to do. One step at a time: Node's own
 * way never comes back where a file system answers that a folder cannot be, as /proc does.
 */
export function makeDataDir(dir: string): void {
  try {
    makeFolder(dir)
  } catch (error) {
    throw dataDirFailure(dir, error)
  }
}

function makeFolder(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return
  if (dirname(dir) !== dir) makeFolder(dirname(dir))
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    // Another process may have been quicker.
    if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}

/** What the operating system refused, said of the data directory; anything else as it is. */
export function dataDirFailure(dir: string, error: unknown): unknown {
  const reason = systemErrorText(error)
  if (reason === undefined) return error
  return new CliError(`the data directory ${dir} cannot be used: ${reason}`, {
    hint: 'choose another with data.dir or GATEWAY_DATA_DIR, or let this user write there',
    cause: error,
  })
}

/** Opens the database, and makes it if there is none. Throws a SqliteError, or what the operating system says. */
export async function openStores(dir: string): Promise<SqliteStores> {
  const { openSqlite } = await import('../stores/drivers/sqlite/open-sqlite.ts')
  return openSqlite(databaseOf(dir))
}

/** Undefined when there is no database yet: looking at a directory does not change it. */
export async function openExistingStores(dir: string): Promise<SqliteStores | undefined> {
  return existsSync(databaseOf(dir)) ? openStores(dir) : undefined
}

/** Bytes on the disk, what was not yet merged included; undefined when there is no database. */
export function databaseBytes(dir: string): number | undefined {
  const file = databaseOf(dir)
  const sizes = [file, `${file}-wal`].flatMap((path) => statSync(path, { throwIfNoEntry: false })?.size ?? [])
  return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0)
}
