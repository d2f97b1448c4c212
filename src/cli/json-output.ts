/** Machine output: one JSON document on standard output, its names in snake_case, its times in ISO 8601, its money in decimal text. */
import type { Output } from './terminal.ts'

export function printJson(out: Output, value: unknown): void {
  out.print(JSON.stringify(value, null, 2))
}

export function isoTime(at: number): string {
  return new Date(at).toISOString()
}
