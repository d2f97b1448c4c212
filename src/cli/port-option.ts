/** Reads `--port`. */
import { CliError } from './cli-error.ts'

/** 0 to 65535; throws a CliError. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new CliError(`"${text}" is not a port`, { kind: 'usage', hint: 'a port is a whole number from 0 to 65535' })
}
