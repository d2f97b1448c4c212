/** Where a command writes: results to standard output, everything said about them to standard error, coloured where a person reads. */
import pc from 'picocolors'
import type { Environment } from '../config/interpolate.ts'

export type Colors = ReturnType<typeof pc.createColors>

export interface Output {
  readonly isTerminal: boolean
  /** Columns; undefined where nobody looks, so that nothing is shortened. */
  readonly width: number | undefined
  readonly colors: Colors
  /** As it is. */
  readonly write: (text: string) => void
  /** A line, or several. */
  readonly print: (text?: string) => void
}

export interface Terminal {
  readonly out: Output
  readonly err: Output
  /** A person is there to be asked. */
  readonly interactive: boolean
}

export interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface TerminalOptions {
  readonly stdin: { readonly isTTY?: boolean }
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Environment
  /** Without the program's own name. */
  readonly argv: readonly string[]
}

export function openTerminal({ stdin, stdout, stderr, env, argv }: TerminalOptions): Terminal {
  const outputOf = (stream: Stream): Output => {
    const isTerminal = stream.isTTY === true
    return {
      isTerminal,
      width: isTerminal ? stream.columns : undefined,
      colors: pc.createColors(wantsColors(isTerminal, env, argv)),
      write: (text) => void stream.write(text),
      print: (text = '') => void stream.write(`${text}\n`),
    }
  }
  return {
    out: outputOf(stdout),
    err: outputOf(stderr),
    interactive: stdin.isTTY === true && stdout.isTTY === true && stderr.isTTY === true,
  }
}

/** `--no-color`, then NO_COLOR (https://no-color.org), then FORCE_COLOR, then whether it is a terminal that knows colours. */
export function wantsColors(isTerminal: boolean, env: Environment, argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  if ((end < 0 ? argv : argv.slice(0, end)).includes('--no-color')) return false
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0' && forced !== 'false'
  return isTerminal && env['TERM'] !== 'dumb'
}
