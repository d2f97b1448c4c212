/** The last stop of whatever a command threw: said in a sentence on standard error, and turned into the exit code. */
import { CommanderError } from 'commander'
import { ConfigError } from '../config/problem.ts'
import { ServerSecretError } from '../control/keys/server-secret.ts'
import { DataDirLockedError } from '../stores/journal/data-dir-lock.ts'
import { KeyConflictError } from '../stores/key-store.ts'
import { SqliteError } from '../stores/drivers/sqlite/errors.ts'
import { CliError, exitCodes } from './cli-error.ts'
import { printProblems } from './config-report.ts'
import { printable } from './printable.ts'
import { systemErrorText } from './system-error.ts'
import type { Output } from './terminal.ts'

/** The exit code. */
export function reportError(error: unknown, err: Output): number {
  // Commander has written its own message by then; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof ConfigError) {
    printProblems(err, error.problems)
    return exitCodes.failed
  }
  if (error instanceof CliError) {
    say(err, error.message, error.hint)
    return error.exitCode
  }
  const known = [ServerSecretError, DataDirLockedError, KeyConflictError, SqliteError]
  if (error instanceof Error && known.some((kind) => error instanceof kind)) {
    say(err, error.message)
    return exitCodes.failed
  }
  const system = systemErrorText(error)
  if (system !== undefined) {
    say(err, system)
    return exitCodes.failed
  }
  say(err, 'sluicegate failed because of a defect of its own', 'please report it, with what follows')
  err.print(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return exitCodes.failed
}

function say({ print, colors }: Output, message: string, hint?: string): void {
  print(`${colors.red('error:')} ${printable(message)}`)
  if (hint !== undefined) print(`       ${colors.dim(printable(hint))}`)
}
