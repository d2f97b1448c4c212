/** What every command is given instead of reaching for the process itself. */
import type { Environment } from '../config/interpolate.ts'
import type { Terminal } from './terminal.ts'

export interface CommandContext {
  readonly env: Environment
  readonly cwd: string
  readonly version: string
  readonly terminal: Terminal
  /** Unix milliseconds. */
  readonly now: () => number
  /** 0 unless a command says otherwise; a thrown error decides by itself. */
  exitCode: number
}
