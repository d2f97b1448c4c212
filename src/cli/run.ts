/** Runs one command line from beginning to end. */
import type { CommandContext } from './context.ts'
import { buildProgram } from './program.ts'
import { reportError } from './report-error.ts'

/** `argv` without the program's own name. Never rejects: what went wrong is said on standard error. Returns the exit code. */
export async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' })
    return context.exitCode
  } catch (error) {
    return reportError(error, context.terminal.err)
  }
}
