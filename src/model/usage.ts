/**
 * What an answer consumed, in one convention whatever the provider's: `input.total` always includes cached tokens, `output.total`
 * always includes reasoning. The named kinds are shares of those totals, never additions to them.
 */
import type { JsonObject } from './json.ts'

export interface InputUsage {
  readonly total: number
  /** Read from the provider's prompt cache. */
  readonly cacheRead?: number
  /** Written to the provider's prompt cache, whatever the lifetime. */
  readonly cacheWrite?: number
  /** The share of `cacheWrite` kept for an hour. */
  readonly cacheWrite1h?: number
  readonly audio?: number
  readonly image?: number
}

export interface OutputUsage {
  readonly total: number
  readonly reasoning?: number
  readonly audio?: number
  readonly image?: number
}

export interface Usage {
  readonly input: InputUsage
  readonly output: OutputUsage
  /** Calls of tools that the provider ran and bills for, by name: `web_search_requests`. */
  readonly serverTools?: Readonly<Record<string, number>>
  /** What is billed otherwise than by tokens, by name: `searches`, `characters`. */
  readonly units?: Readonly<Record<string, number>>
  /** Of those, what their price may depend on besides the number: `{ images: ['1024x1024', 'hd'] }`. */
  readonly unitKinds?: Readonly<Record<string, readonly string[]>>
  /** The gateway's own estimate, because the provider told nothing. */
  readonly estimated?: boolean
  /** As the provider told it, per dialect: re-emitted verbatim by that dialect. */
  readonly raw?: Readonly<Record<string, JsonObject>>
}
