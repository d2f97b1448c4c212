/** What a command says when it cannot do what it was asked: one sentence, what to do about it, and the exit code. */

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

export interface CliErrorOptions {
  /** What to do about it. */
  readonly hint?: string
  /** `usage`: the command line itself is wrong. */
  readonly kind?: 'failed' | 'usage'
  readonly cause?: unknown
}

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(message: string, { hint, kind = 'failed', cause }: CliErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
    this.exitCode = exitCodes[kind]
  }
}
